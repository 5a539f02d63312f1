//! Payload 10, a client certificate (OAuth2 mutual TLS): `Oauth2CredentialsScopedPayload`.

use super::{
    super::{
        error::{FormatError, PayloadError},
        fields::Fields,
    },
    Elements, Packer,
};

/// Elements after the version.
pub(super) const LENGTH: usize = 7;

pub(super) fn pack(fields: &Fields, out: &mut Packer<'_>) -> Result<(), FormatError> {
    out.id(&fields.user_id, "user id")?;
    out.methods(&fields.methods)?;
    out.id(&fields.project_id, "project id")?;
    out.id(&fields.domain_id, "domain id")?;
    out.time(fields.expires_at)?;
    out.audit_ids(&fields.audit_ids)?;
    out.thumbprint(&fields.thumbprint)
}

pub(super) fn unpack(elements: &Elements<'_>) -> Result<Fields, PayloadError> {
    Ok(Fields {
        user_id: elements.id(0)?,
        methods: elements.methods(1)?,
        project_id: elements.id(2)?,
        domain_id: elements.id(3)?,
        audit_ids: elements.audit_ids(5)?,
        thumbprint: elements.id(6)?,
        ..Fields::expiring_at(elements.time(4)?)
    })
}
