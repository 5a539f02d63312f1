//! Which of the media types on offer the client likes best.

/// The best of `offers` for an `Accept` header: highest quality first, then the order of the offers. Without a header the
/// first offer wins; `None` when nothing fits.
pub(super) fn best<'a>(accept: Option<&str>, offers: &[&'a str]) -> Option<&'a str> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return offers.first().copied();
    };
    let mut chosen: Option<(&'a str, f32)> = None;
    for offer in offers {
        let quality = quality(accept, offer);
        if quality > 0.0 && chosen.is_none_or(|(_, best)| quality > best) {
            chosen = Some((offer, quality));
        }
    }
    chosen.map(|(offer, _)| offer)
}

/// As [`best`], in werkzeug's way (`MIMEAccept.best_match`): of two offers of one quality, the one that the client named more
/// exactly; a range with parameters fits nothing, and one whose quality is no number from 0 to 1 is not there.
pub(super) fn most_specific<'a>(accept: &str, offers: &[&'a str]) -> Option<&'a str> {
    let ranges: Vec<(String, f32)> = accept.split(',').filter_map(range).collect();
    let mut chosen: Option<(&'a str, f32, u8)> = None;
    for offer in offers {
        let Some((specificity, quality)) = ranges
            .iter()
            .filter_map(|(range, quality)| Some((specificity(range, offer)?, *quality)))
            .max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        else {
            continue;
        };
        let better =
            chosen.is_none_or(|(_, best, exactness)| quality > best || (quality == best && specificity > exactness));
        if quality > 0.0 && better {
            chosen = Some((offer, quality, specificity));
        }
    }
    chosen.map(|(offer, ..)| offer)
}

/// A media range in lower case, and its quality.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_lowercase();
    let mut quality = 1.0;
    for part in parts.filter(|part| !part.is_empty()) {
        quality = part.strip_prefix("q=").or(part.strip_prefix("Q="))?.trim().parse().ok()?;
    }
    (0.0..=1.0).contains(&quality).then_some((name, quality))
}

/// How exactly a range names an offer; `None` if it is not in the range.
fn specificity(range: &str, offer: &str) -> Option<u8> {
    let (offered_type, _) = offer.split_once('/')?;
    match range {
        "*/*" => Some(0),
        range if range.strip_suffix("/*") == Some(offered_type) => Some(1),
        range if range == offer => Some(2),
        _ => None,
    }
}

/// The quality that the most specific matching range gives to `offer`.
fn quality(accept: &str, offer: &str) -> f32 {
    let (offered_type, _) = offer.split_once('/').unwrap_or((offer, ""));
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_lowercase();
        let specificity = match name.as_str() {
            "*/*" => 1,
            name if name.strip_suffix("/*") == Some(offered_type) => 2,
            name if name == offer => 3,
            _ => continue,
        };
        let quality = parts
            .filter_map(|part| part.strip_prefix("q="))
            .find_map(|quality| quality.parse::<f32>().ok())
            .unwrap_or(1.0);
        if specificity > found.0 {
            found = (specificity, quality);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_first_then_the_order_of_the_offers() {
        let offers = ["text/plain", "text/html", "application/json"];
        assert_eq!(best(None, &offers), Some("text/plain"));
        assert_eq!(best(Some("*/*"), &offers), Some("text/plain"));
        assert_eq!(best(Some("application/json, text/html;q=0.5"), &offers), Some("application/json"));
        assert_eq!(best(Some("text/*, text/plain;q=0.1"), &offers), Some("text/html"));
        assert_eq!(best(Some("text/plain;q=0, image/png"), &offers), None);
    }

    /// Asked of werkzeug 3.1.
    #[test]
    fn the_offer_that_is_named_more_exactly() {
        let offers = ["application/json", "application/json-home"];
        for (accept, chosen) in [
            ("application/json-home", Some(1)),
            ("Application/JSON-Home; q=0.1", Some(1)),
            ("application/json, application/json-home", Some(0)),
            ("application/json-home, application/json;q=0.9", Some(1)),
            ("*/*, application/json-home", Some(1)),
            ("application/*, application/json-home", Some(1)),
            ("application/json, */*", Some(0)),
            ("*/*", Some(0)),
            ("application/json-home;q=0.5, */*;q=0.6", Some(0)),
            ("application/json-home;q=0", None),
            ("application/json-home;q=2, text/html", None),
            ("application/json-home;charset=utf-8", None),
            ("text/html", None),
            ("*", None),
        ] {
            let chosen = chosen.map(|index: usize| offers[index]);
            assert_eq!(most_specific(accept, &offers), chosen, "{accept}");
        }
    }
}
