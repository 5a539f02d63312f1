//! Two nodes' keys side by side, by fingerprints. No I/O.

use std::collections::BTreeMap;

use super::{key::KeyFingerprint, number::KeyNumber};
use crate::domain::finding::Finding;

/// The keys of a node: number and fingerprint.
pub type Fingerprints = BTreeMap<KeyNumber, KeyFingerprint>;

/// What differs between the keys `here` and those `there`, a name for the other node; worst first.
pub fn compare(here: &Fingerprints, there: &Fingerprints, name: &str) -> Vec<Finding> {
    let has = |keys: &Fingerprints, key: KeyFingerprint| keys.values().any(|known| *known == key);
    let primary = |keys: &Fingerprints| keys.last_key_value().map(|(number, key)| (*number, *key));
    let staged = |keys: &Fingerprints| keys.get(&KeyNumber::STAGED).copied();
    let mut findings = Vec::new();
    match (primary(here), primary(there)) {
        (None, _) | (_, None) => {
            findings.push(Finding::error("compare-no-keys", name, "One of the two directories holds no key.").advise(
                "Distribute the keys: `fernet export` on the node that rotates, `fernet import` on the other.",
            ));
            return findings;
        }
        (Some((own, own_key)), Some((others, others_key))) => {
            if !has(here, others_key) {
                findings.push(
                    Finding::error(
                        "compare-primary-unknown-here",
                        name,
                        format!("It mints with its key {others}, which is not here: its tokens are refused here."),
                    )
                    .advise("Import its keys here at once."),
                );
            }
            if !has(there, own_key) {
                findings.push(
                    Finding::error(
                        "compare-primary-unknown-there",
                        name,
                        format!(
                            "It lacks key {own}, with which this node mints: this node's tokens are refused there."
                        ),
                    )
                    .advise("Import this node's keys there at once."),
                );
            }
            if findings.is_empty() && own_key != others_key {
                let (ahead, behind) = if own > others { ("This node", name) } else { (name, "this node") };
                findings.push(
                    Finding::warning(
                        "compare-one-rotation-apart",
                        name,
                        format!("{ahead} has rotated and {behind} has not."),
                    )
                    .advise("Distribute the keys before the next rotation."),
                );
            }
        }
    }
    for (keys, others, code, text) in [
        (
            there,
            here,
            "compare-staged-unknown-here",
            "Its staged key is not here: after its next rotation its tokens are refused here.",
        ),
        (
            here,
            there,
            "compare-staged-unknown-there",
            "It lacks this node's staged key: after this node's next rotation its tokens are refused there.",
        ),
    ] {
        if staged(keys).is_some_and(|key| !has(others, key)) {
            findings.push(Finding::warning(code, name, text).advise("Distribute the keys before the next rotation."));
        }
    }
    let only = |keys: &Fingerprints, others: &Fingerprints| {
        let newest = primary(keys).map(|(number, _)| number);
        let secondary = |number: &KeyNumber| *number != KeyNumber::STAGED && Some(*number) != newest;
        let alone = keys.iter().filter(|(number, key)| secondary(number) && !has(others, **key));
        alone.map(|(number, _)| number.to_string()).collect::<Vec<_>>().join(", ")
    };
    let (missing_here, missing_there) = (only(there, here), only(here, there));
    for (numbers, code, text) in [
        (missing_here, "compare-secondary-missing-here", "This node lacks older keys that it has"),
        (missing_there, "compare-secondary-missing-there", "It lacks older keys that this node has"),
    ] {
        if !numbers.is_empty() {
            let message = format!("{text} ({numbers}): old tokens are refused on one of the two.");
            findings.push(
                Finding::warning(code, name, message)
                    .advise("Distribute the keys, and give both the same max_active_keys."),
            );
        }
    }
    for (number, key) in here {
        let other = there.get(number).filter(|other| *other != key && *number != KeyNumber::STAGED);
        if other.is_some() {
            let message = format!("Number {number} is another key there: somebody rotated on both nodes.");
            findings.push(
                Finding::error("compare-number-differs", name, message)
                    .advise("Rotate on one node only, and import its keys on all others."),
            );
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::{
        domain::random::SeededRandom,
        keys::{Key, key::new_key_text},
    };

    /// Keys named by letters, as number and letter.
    fn node(keys: &[(i128, u64)]) -> Fingerprints {
        let key = |(number, seed): &(i128, u64)| {
            let number = KeyNumber::new(*number);
            (number, Key::parse(number, &new_key_text(&*SeededRandom::new(seed * 2 + 1))).unwrap().fingerprint())
        };
        keys.iter().map(key).collect()
    }

    fn codes(here: &[(i128, u64)], there: &[(i128, u64)]) -> Vec<&'static str> {
        compare(&node(here), &node(there), "other").iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn equal_nodes_and_the_documented_order() {
        let before = [(0, 30), (1, 10), (2, 20)];
        let after = [(0, 40), (2, 20), (3, 30)];
        assert_eq!(codes(&before, &before), Vec::<&str>::new());
        // Between rotation and distribution both open each other's tokens.
        let apart = codes(&after, &before);
        assert_eq!(
            apart,
            ["compare-one-rotation-apart", "compare-staged-unknown-there", "compare-secondary-missing-here"]
        );
    }

    #[test]
    fn two_rotations_without_distribution_are_an_error() {
        let before = [(0, 30), (1, 10), (2, 20)];
        let twice = [(0, 50), (3, 30), (4, 40)];
        let codes = codes(&twice, &before);
        assert!(codes.contains(&"compare-primary-unknown-there"), "{codes:?}");
        assert!(codes.contains(&"compare-primary-unknown-here"), "{codes:?}");
    }

    #[test]
    fn rotations_on_both_nodes_are_an_error() {
        let one = [(0, 40), (2, 20), (3, 30)];
        let other = [(0, 50), (2, 20), (3, 60)];
        assert!(codes(&one, &other).contains(&"compare-number-differs"));
        assert_eq!(codes(&one, &[]), ["compare-no-keys"]);
    }
}
