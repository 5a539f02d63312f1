//! Where checks look values up, whatever holds them.

use serde_json::{Map, Value};

/// Named values: what is known of a caller or of a target.
///
/// A JSON map is one. A caller who has the parts at hand (a rendered token, say) can implement this instead of copying
/// them into a map for each request.
pub trait Attributes {
    /// The value of that name, if there is one.
    fn attribute(&self, name: &str) -> Option<&Value>;
}

impl Attributes for Map<String, Value> {
    fn attribute(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}
