//! `POST /v3/users/{user_id}/password`.

use axum::{
    extract::{Path, State},
    response::Response,
};
use hyper::StatusCode;
use serde_json::{Value, json};

use super::schema::CHANGE_PASSWORD;
use crate::{
    auth::password_change::PasswordChangeError,
    domain::secret::SecretText,
    http::{error::ApiError, inbound::Inbound, pages, schema::Wording, state::HttpState},
};

/// Changes the password of a user who knows it. The old password is the proof: nobody asks for a token.
pub(in crate::http) async fn change_password(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let given = inbound.body.as_ref().and_then(|body| body.get("user")).cloned().unwrap_or_else(|| json!({}));
    CHANGE_PASSWORD.check(&given, Wording::Full)?;
    let password = |name: &str| SecretText::new(given.get(name).and_then(Value::as_str).unwrap_or_default());
    let (original, new) = (password("original_password"), password("password"));
    state.password_changes.change(&id.as_str().into(), original, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v3/users/{user_id}/password`: Keystone has a method for it, which says that there is none.
pub(in crate::http) async fn read_password() -> Response {
    pages::only_post()
}

impl From<PasswordChangeError> for ApiError {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            // Here, and not where tokens are issued, Keystone says it.
            PasswordChangeError::Auth(crate::auth::error::AuthError::AccountLocked(user_id)) => {
                Self::AccountUnusable { message: format!("The account is locked for user: {user_id}.") }
            }
            PasswordChangeError::Auth(error) => error.into(),
            PasswordChangeError::Disabled(_) => Self::AccountUnusable { message: error.to_string() },
            PasswordChangeError::New(error) => error.into(),
            PasswordChangeError::Locked
            | PasswordChangeError::TooYoung { .. }
            | PasswordChangeError::UsedBefore { .. } => Self::invalid(error.to_string()),
            PasswordChangeError::Store(error) => error.into(),
        }
    }
}
