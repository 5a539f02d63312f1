//! Payload 4, a federated user without a scope: `FederatedUnscopedPayload`.

use super::{
    super::{
        error::{FormatError, PayloadError},
        fields::Fields,
        msgpack::Value,
    },
    Elements, Packer,
};

/// Elements after the version.
pub(super) const LENGTH: usize = 7;

pub(super) fn pack(fields: &Fields, out: &mut Packer<'_>) -> Result<(), FormatError> {
    out.id(&fields.user_id, "user id")?;
    out.methods(&fields.methods)?;
    out.groups(fields.federated_group_ids.as_deref())?;
    out.id(&fields.identity_provider_id, "identity provider id")?;
    out.plain(&fields.protocol_id, "protocol id")?;
    out.time(fields.expires_at)?;
    out.audit_ids(&fields.audit_ids)
}

pub(super) fn unpack(elements: &Elements<'_>) -> Result<Fields, PayloadError> {
    Ok(Fields {
        user_id: elements.id(0)?,
        methods: elements.methods(1)?,
        federated_group_ids: elements.groups(2)?,
        identity_provider_id: elements.id(3)?,
        protocol_id: elements.plain(4)?,
        audit_ids: elements.audit_ids(6)?,
        ..Fields::expiring_at(elements.time(5)?)
    })
}

/// The scope of payloads 5 and 6: a project id that is not empty wins, whatever the version.
pub(super) fn federated_project_or_domain(fields: &Fields) -> &Value {
    if fields.project_id.is_true() { &fields.project_id } else { &fields.domain_id }
}
