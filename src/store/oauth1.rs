//! OAuth1 access tokens. Facts: Keystone `oauth1/backends/sql.py`.

use super::query::Query;
use crate::domain::{
    delegation::OAuth1AccessToken,
    ids::{AccessTokenId, RoleId},
};

/// An access token, expired or not: Keystone looks at its expiry nowhere after it was given.
pub fn access_token(id: &AccessTokenId) -> Query<Option<OAuth1AccessToken>> {
    Query::optional(
        "access_token",
        "SELECT id, consumer_id, authorizing_user_id, project_id, role_ids FROM access_token WHERE id = $1",
        vec![id.into()],
        |row| {
            let role_ids: Vec<String> = match row.opt_json("role_ids")? {
                None => Vec::new(),
                Some(list) => {
                    serde_json::from_value(list).map_err(|error| row.broken("role_ids", error.to_string()))?
                }
            };
            Ok(OAuth1AccessToken {
                id: row.id("id")?,
                consumer_id: row.text("consumer_id")?,
                authorizing_user_id: row.id("authorizing_user_id")?,
                project_id: row.id("project_id")?,
                role_ids: role_ids.into_iter().map(RoleId::from).collect(),
            })
        },
    )
}
