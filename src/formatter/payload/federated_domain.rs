//! Payload 6, a federated user in a domain: `FederatedDomainScopedPayload`.

use super::{
    super::{
        error::{FormatError, PayloadError},
        fields::Fields,
    },
    Elements, Packer,
    federated_unscoped::federated_project_or_domain,
};

/// Elements after the version.
pub(super) const LENGTH: usize = 8;

pub(super) fn pack(fields: &Fields, out: &mut Packer<'_>) -> Result<(), FormatError> {
    out.id(&fields.user_id, "user id")?;
    out.methods(&fields.methods)?;
    out.id(federated_project_or_domain(fields), "scope id")?;
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
        domain_id: elements.id(2)?,
        federated_group_ids: elements.groups(3)?,
        identity_provider_id: elements.id(4)?,
        protocol_id: elements.plain(5)?,
        audit_ids: elements.audit_ids(7)?,
        ..Fields::expiring_at(elements.time(6)?)
    })
}
