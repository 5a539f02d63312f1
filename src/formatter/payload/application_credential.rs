//! Payload 9, a project by way of an application credential: `ApplicationCredentialScopedPayload`.
//!
//! The application credential comes after the audit ids.

use super::{
    super::{
        error::{FormatError, PayloadError},
        fields::Fields,
    },
    Elements, Packer,
};

/// Elements after the version.
pub(super) const LENGTH: usize = 6;

pub(super) fn pack(fields: &Fields, out: &mut Packer<'_>) -> Result<(), FormatError> {
    out.id(&fields.user_id, "user id")?;
    out.methods(&fields.methods)?;
    out.id(&fields.project_id, "project id")?;
    out.time(fields.expires_at)?;
    out.audit_ids(&fields.audit_ids)?;
    out.id(&fields.app_cred_id, "application credential id")
}

pub(super) fn unpack(elements: &Elements<'_>) -> Result<Fields, PayloadError> {
    Ok(Fields {
        user_id: elements.id(0)?,
        methods: elements.methods(1)?,
        project_id: elements.id(2)?,
        audit_ids: elements.audit_ids(4)?,
        app_cred_id: elements.id(5)?,
        ..Fields::expiring_at(elements.time(3)?)
    })
}
