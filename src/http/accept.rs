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
}
