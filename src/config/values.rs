//! The value of one option: looked up in the environment, the files and the defaults, `$references` substituted,
//! converted to its type (`oslo_config.cfg.ConfigOpts._do_get`).

use std::collections::BTreeMap;

use super::{
    error::{ConfigError, Origin, RefusedValue},
    from_value::FromValue,
    registry::{OptionSpec, Registry},
    sources::ParsedFile,
    substitution::{self, Reference},
    types::{Kind, Value},
};

/// How values of secret options are shown.
pub(super) const SECRET: &str = "[secret]";

/// Everything a value may come from.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) registry: Registry,
    /// In the order they were read: later files win.
    pub(super) files: Vec<ParsedFile>,
    /// `OS_<SECTION>__<OPTION>` and others.
    pub(super) environment: BTreeMap<String, String>,
}

/// The texts that one place gives for an option, in order.
struct Found {
    texts: Vec<String>,
    origin: Origin,
}

/// Options whose references are being followed, outermost first.
type Trail<'a> = Vec<(&'a str, &'a str)>;

impl Values {
    /// The value of `[section] option` as the field's type.
    pub(super) fn typed<T: FromValue>(&self, section: &str, option: &str) -> Result<T, ConfigError> {
        let spec = self.spec(section, option)?;
        let (value, origin) = self.value(spec)?;
        let shown = self.show(spec, &value);
        T::from_value(value).map_err(|reason| bad_value(spec, shown, reason, origin))
    }

    /// The converted value of a registered option and where it comes from.
    pub(super) fn value(&self, spec: &OptionSpec) -> Result<(Value, Origin), ConfigError> {
        self.follow(spec, &mut Vec::new())
    }

    /// The error for a value that turned out to be bad only together with others.
    pub(super) fn bad(&self, section: &str, option: &str, reason: &str) -> Result<ConfigError, ConfigError> {
        let spec = self.spec(section, option)?;
        let (value, origin) = self.value(spec)?;
        Ok(bad_value(spec, self.show(spec, &value), reason.to_owned(), origin))
    }

    /// How a value may be printed.
    pub(super) fn show(&self, spec: &OptionSpec, value: &Value) -> String {
        if spec.secret { SECRET.to_owned() } else { substitution::python_text(value) }
    }

    /// The registered option; that a field of a section struct is not registered is a mistake in this program, and
    /// told as such.
    pub(super) fn spec(&self, section: &str, option: &str) -> Result<&OptionSpec, ConfigError> {
        self.registry
            .option(section, option)
            .ok_or_else(|| ConfigError::Unregistered { section: section.to_owned(), option: option.to_owned() })
    }

    fn follow<'a>(&'a self, spec: &'a OptionSpec, trail: &mut Trail<'a>) -> Result<(Value, Origin), ConfigError> {
        let Some(Found { texts, origin }) = self.find(spec) else {
            return self.default(spec, trail).map(|value| (value, Origin::Default));
        };
        if let Kind::Multi { .. } = spec.kind {
            let mut items = Vec::new();
            for text in &texts {
                if let Value::List(converted) = self.convert(spec, text, &origin, trail)? {
                    items.extend(converted);
                }
            }
            return Ok((Value::List(items), origin));
        }
        let last = texts.last().map_or("", String::as_str);
        Ok((self.convert(spec, last, &origin, trail)?, origin))
    }

    fn default<'a>(&'a self, spec: &'a OptionSpec, trail: &mut Trail<'a>) -> Result<Value, ConfigError> {
        match spec.default.as_str() {
            Some(text) => self.convert(spec, text, &Origin::Default, trail),
            None => spec
                .kind
                .convert_default(&spec.default)
                .map_err(|reason| bad_value(spec, spec.default.to_string(), reason, Origin::Default)),
        }
    }

    /// Substitutes the references in a text, then converts it.
    fn convert<'a>(
        &'a self,
        spec: &'a OptionSpec,
        text: &str,
        origin: &Origin,
        trail: &mut Trail<'a>,
    ) -> Result<Value, ConfigError> {
        let fault = |reason| {
            let shown = if spec.secret { SECRET.to_owned() } else { text.to_owned() };
            bad_value(spec, shown, reason, origin.clone())
        };
        let substituted = match self.substitute(spec, text, trail) {
            Ok(text) => text,
            Err(Broken::Reference(reason)) => return Err(fault(reason)),
            Err(Broken::Other(error)) => return Err(error),
        };
        spec.kind.convert(&substituted).map_err(fault)
    }

    /// The environment wins over files; a later file over an earlier one; within one file the option's own name over
    /// its older names. Only an option that may be repeated collects over all files; a variable gives it one value (where
    /// oslo.config takes the variable apart into letters).
    fn find(&self, spec: &OptionSpec) -> Option<Found> {
        let variable = environment_name(&spec.section, &spec.name);
        if let Some(text) = self.environment.get(&variable) {
            return Some(Found { texts: vec![text.clone()], origin: Origin::Environment(variable) });
        }
        let names = || {
            let own = (&spec.section, &spec.name);
            std::iter::once(own).chain(spec.deprecated.iter().map(|(section, name)| (section, name)))
        };
        let mut collected: Option<Found> = None;
        for file in self.files.iter().rev() {
            for (section, name) in names() {
                let texts = file.texts(section, name);
                if texts.is_empty() {
                    continue;
                }
                let Kind::Multi { .. } = spec.kind else {
                    return Some(Found { texts, origin: Origin::File(file.path.clone()) });
                };
                match &mut collected {
                    Some(found) => {
                        found.texts.splice(0..0, texts);
                    }
                    None => collected = Some(Found { texts, origin: Origin::File(file.path.clone()) }),
                }
            }
        }
        collected
    }

    fn substitute<'a>(&'a self, spec: &'a OptionSpec, text: &str, trail: &mut Trail<'a>) -> Result<String, Broken> {
        if trail.contains(&(&spec.section, &spec.name)) {
            return Err(Broken::Reference("its references lead back to itself".to_owned()));
        }
        trail.push((&spec.section, &spec.name));
        let result = substitution::substitute(text, |reference| {
            let target = self.resolve(spec, reference).ok_or_else(|| {
                let reference = if spec.secret { SECRET.to_owned() } else { format!("${}", reference.name) };
                Broken::Reference(format!("{reference} refers to no option; a literal dollar sign is written $$"))
            })?;
            let (value, _) = self.follow(target, trail).map_err(Broken::Other)?;
            Ok(substitution::python_text(&value))
        });
        trail.pop();
        result
    }

    /// `$option` is looked for in the option's own section, then in `[DEFAULT]`; `$section.option` where it says.
    fn resolve(&self, from: &OptionSpec, reference: Reference<'_>) -> Option<&OptionSpec> {
        let find = |section: &str, name: &str| {
            self.registry.option(section, name).or_else(|| self.registry.formerly(section, name))
        };
        match reference.name.split_once('.') {
            // For oslo.config `DEFAULT` is the absence of a section, and no section of that name.
            Some(("DEFAULT", _)) => None,
            Some((section, name)) => find(section, name),
            None => find(&from.section, reference.name).or_else(|| find("DEFAULT", reference.name)),
        }
    }
}

/// Why a text could not be substituted: the reference itself, or the option that it refers to.
enum Broken {
    Reference(String),
    Other(ConfigError),
}

/// `OS_<SECTION>__<OPTION>`
pub(super) fn environment_name(section: &str, option: &str) -> String {
    format!("OS_{}__{}", section.to_uppercase(), option.to_uppercase())
}

fn bad_value(spec: &OptionSpec, value: String, reason: String, origin: Origin) -> ConfigError {
    ConfigError::BadValue(Box::new(RefusedValue {
        section: spec.section.clone(),
        option: spec.name.clone(),
        value,
        reason,
        origin,
    }))
}
