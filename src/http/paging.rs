//! Lists that the database hands out in pages, in the order of ids (`paginate_query` in Keystone's SQL drivers).
//!
//! Where Keystone's caller has no filter, the database is asked for one entry more than the page has room for; else a full
//! page counts as one that was cut, because nobody looks further (`driver_hints.truncated`).

use serde_json::{Map, Value};

use super::{
    collection::{Page, filtered},
    error::ApiError,
    hints::{Comparator, Filter, Hints},
    inbound::Facts,
    resource::{Resource, list_hints},
    state::HttpState,
};
use crate::store::Query;

/// Where the database begins, and after how many entries it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// The id before the first entry.
    pub marker: Option<String>,
    /// The number of entries.
    pub limit: Option<i64>,
}

/// What a caller asks of a list of users or groups. Here, unlike elsewhere, a limit that the operator set overrules the
/// caller's (`_set_list_limit_in_hints`).
///
/// # Errors
///
/// A limit that is no number.
pub fn hints(state: &HttpState, inbound: &Facts, filters: &[&str]) -> Result<Hints, ApiError> {
    let mut hints = list_hints(state, inbound, filters, None)?;
    if let Some(limit) = state.settings.identity.list_limit.filter(|limit| *limit > 0) {
        hints.limit = Some(i64::try_from(limit).unwrap_or(i64::MAX));
    }
    Ok(hints)
}

/// The page that Keystone's database would give: filtered by those filters that are left to it. `select` reads the entries
/// in a window that pass the exact ones among these; `is_bare` says that there was nothing to filter by when the database
/// was asked.
///
/// # Errors
///
/// The database, or an inexact filter on an attribute that is no text.
pub async fn page<R: Resource>(
    state: &HttpState,
    hints: &Hints,
    is_bare: bool,
    select: impl FnOnce(Window) -> Query<Vec<R::Item>>,
) -> Result<Page, ApiError> {
    let one_more = i64::from(is_bare);
    let most = i64::try_from(state.settings.max_db_limit).unwrap_or(i64::MAX);
    let size = hints.limit.map(|limit| limit.saturating_add(one_more)).filter(|size| *size > 0).unwrap_or(most);
    let mut items = if is_exact::<R>(hints) {
        let window = Window { marker: hints.marker.clone(), limit: Some(size) };
        Page::of::<R>(&state.store.run(select(window)).await?).items
    } else {
        let all = Page::of::<R>(&state.store.run(select(Window::default())).await?).items;
        let mut found = filtered(all, hints, R::COLUMNS, |filter| filter.is_for_database(R::COLUMNS))?;
        if let Some(marker) = &hints.marker {
            found.retain(|item| id_of(item) > Some(marker.as_str()));
        }
        found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        found
    };
    let Some(limit) = hints.limit.and_then(|limit| usize::try_from(limit).ok()) else {
        return Ok(Page { items, truncated: false });
    };
    if !is_bare {
        let truncated = items.len() >= limit;
        return Ok(Page { items, truncated });
    }
    let truncated = items.len() > limit;
    items.truncate(limit);
    Ok(Page { items, truncated })
}

/// Applies to a page what Keystone's database does not: the other filters; and cuts what has become too long since.
///
/// # Errors
///
/// An inexact filter on an attribute that is no text.
pub fn finished<R: Resource>(page: Page, hints: &Hints) -> Result<Page, ApiError> {
    let Page { items, mut truncated } = page;
    let mut items = filtered(items, hints, R::COLUMNS, |filter| !filter.is_for_database(R::COLUMNS))?;
    if let Some(limit) = hints.limit.and_then(|limit| usize::try_from(limit).ok())
        && !truncated
        && items.len() > limit
    {
        items.truncate(limit);
        truncated = true;
    }
    Ok(Page { items, truncated })
}

/// Whether the filters that are left to the database are exact ones, one on each attribute.
fn is_exact<R: Resource>(hints: &Hints) -> bool {
    let is_alone = |filter: &Filter| filter.comparator == Comparator::Equals && hints.exact(&filter.name).is_some();
    hints.filters.iter().filter(|filter| filter.is_for_database(R::COLUMNS)).all(is_alone)
}

fn id_of(item: &Map<String, Value>) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}
