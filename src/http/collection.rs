//! Lists on the wire: what wraps their items, and the links around them (Keystone's `ResourceBase.wrap_collection`).

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{error::ApiError, hints::Hints, inbound::Facts, resource::Resource, state::HttpState};

/// A list on its way out.
#[derive(Debug, Default)]
pub struct Page {
    /// Items without their links.
    pub items: Vec<Map<String, Value>>,
    /// Whether there may be more.
    pub truncated: bool,
}

impl Page {
    /// All items.
    pub fn of<R: Resource>(items: &[R::Item]) -> Self {
        Self { items: items.iter().map(R::wire).collect(), truncated: false }
    }

    /// Applies the filters, then cuts the list to the page size. `columns` are the attributes whose filters Keystone
    /// leaves to the database.
    ///
    /// # Errors
    ///
    /// An inexact filter on an attribute that is no text.
    pub fn narrowed(self, hints: &Hints, columns: &[&str]) -> Result<Self, ApiError> {
        let mut page = Self { items: filtered(self.items, hints, columns, |_| true)?, ..self };
        if let Some(limit) = hints.limit.and_then(|limit| usize::try_from(limit).ok())
            && page.items.len() > limit
        {
            page.items.truncate(limit);
            page.truncated = true;
        }
        Ok(page)
    }

    /// The whole answer. Items get their own links; the list gets its own and, where it was cut, one to the rest.
    pub fn wrap<R: Resource>(self, state: &HttpState, inbound: &Facts, hints: Option<&Hints>) -> Value {
        let Self { mut items, truncated } = self;
        let next = hints
            .filter(|hints| truncated && (hints.limit.is_some() || hints.marker.is_some()))
            .and_then(|hints| Some((hints, items.last()?.get("id")?.as_str()?)))
            .map(|(hints, last)| next_page(state, inbound, hints, last));
        for item in &mut items {
            add_self_link::<R>(item, state, inbound);
        }
        let mut answer = Map::new();
        answer.insert(R::COLLECTION.to_owned(), items.into_iter().map(Value::Object).collect());
        answer.insert("links".to_owned(), json!({ "next": next, "self": own_url(state, inbound), "previous": null }));
        if truncated {
            answer.insert("truncated".to_owned(), true.into());
        }
        Value::Object(answer)
    }
}

/// The items that pass those of the filters that `applies` picks.
pub fn filtered(
    items: Vec<Map<String, Value>>,
    hints: &Hints,
    columns: &[&str],
    applies: impl Fn(&super::hints::Filter) -> bool,
) -> Result<Vec<Map<String, Value>>, ApiError> {
    let mut kept = items;
    for filter in hints.filters.iter().filter(|filter| applies(filter)) {
        let mut passed = Vec::with_capacity(kept.len());
        for item in kept {
            if filter.accepts(&item, columns)? {
                passed.push(item);
            }
        }
        kept = passed;
    }
    Ok(kept)
}

/// A single one, with its link.
pub fn wrap_member<R: Resource>(mut item: Map<String, Value>, state: &HttpState, inbound: &Facts) -> Value {
    add_self_link::<R>(&mut item, state, inbound);
    json!({ R::MEMBER: item })
}

fn add_self_link<R: Resource>(item: &mut Map<String, Value>, state: &HttpState, inbound: &Facts) {
    let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
    let link = state.url(inbound, &format!("{}/{id}", R::PATH));
    set_self_link(item, link);
}

/// Puts an item's own link among its links.
pub fn set_self_link(item: &mut Map<String, Value>, link: String) {
    match item.get_mut("links").and_then(Value::as_object_mut) {
        Some(links) => {
            links.insert("self".to_owned(), link.into());
        }
        None => {
            item.insert("links".to_owned(), json!({ "self": link }));
        }
    }
}

/// The list's own URL, with the query string as it came in.
pub fn own_url(state: &HttpState, inbound: &Facts) -> String {
    let mut url = state.url(inbound, &inbound.path);
    if !inbound.query.raw().is_empty() {
        url.push('?');
        url.push_str(inbound.query.raw());
    }
    url
}

/// The same list from `last` on: the first value of each parameter, with marker and limit put in.
fn next_page(state: &HttpState, inbound: &Facts, hints: &Hints, last: &str) -> String {
    let mut parameters: Vec<(&str, String)> = Vec::new();
    for (name, value) in inbound.query.pairs() {
        if !parameters.iter().any(|(known, _)| *known == name) {
            parameters.push((name, value.to_owned()));
        }
    }
    let mut put = |name: &'static str, value: String| match parameters.iter_mut().find(|(known, _)| *known == name) {
        Some(parameter) => parameter.1 = value,
        None => parameters.push((name, value)),
    };
    put("marker", last.to_owned());
    if let Some(limit) = hints.limit {
        put("limit", limit.to_string());
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{}?{query}", state.url(inbound, &inbound.path))
}
