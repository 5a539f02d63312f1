//! Payload 8, the system: `SystemScopedPayload`.

use super::{
    super::{
        error::{FormatError, PayloadError},
        fields::Fields,
    },
    Elements, Packer,
};

/// Elements after the version.
pub(super) const LENGTH: usize = 5;

pub(super) fn pack(fields: &Fields, out: &mut Packer<'_>) -> Result<(), FormatError> {
    out.id(&fields.user_id, "user id")?;
    out.methods(&fields.methods)?;
    out.plain(&fields.system, "system")?;
    out.time(fields.expires_at)?;
    out.audit_ids(&fields.audit_ids)
}

pub(super) fn unpack(elements: &Elements<'_>) -> Result<Fields, PayloadError> {
    Ok(Fields {
        user_id: elements.id(0)?,
        methods: elements.methods(1)?,
        system: elements.plain(2)?,
        audit_ids: elements.audit_ids(4)?,
        ..Fields::expiring_at(elements.time(3)?)
    })
}
