//! What a section of `keystone.conf` is here: a struct whose fields are the options that Fernstone honours.

use super::{error::ConfigError, values::Values};

/// A section's struct.
pub(super) trait Section: Sized {
    /// The section's name in the file.
    const NAME: &'static str;
    /// The honoured options.
    const OPTIONS: &'static [&'static str];

    /// Reads every option of the section.
    fn read(values: &Values) -> Result<Self, ConfigError>;
}

/// Defines a section: each field is named as its option and has Keystone's default behind the `=`.
macro_rules! section {
    (
        $(#[$meta:meta])*
        $name:ident in $section:literal {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $default:expr, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $crate::config::section::Section for $name {
            const NAME: &'static str = $section;
            const OPTIONS: &'static [&'static str] = &[$( stringify!($field), )*];

            fn read(values: &$crate::config::values::Values) -> Result<Self, $crate::config::ConfigError> {
                Ok(Self { $( $field: values.typed($section, stringify!($field))?, )* })
            }
        }
    };
}
pub(super) use section;

/// Defines a closed choice of texts.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )*
        }

        impl $name {
            /// The text that stands for it in the file.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                }
            }
        }

        impl $crate::config::from_value::FromValue for $name {
            fn from_value(value: $crate::config::types::Value) -> Result<Self, String> {
                match String::from_value(value)?.as_str() {
                    $( $text => Ok(Self::$variant), )*
                    _ => Err(format!("expected one of {}", [$( $text ),*].join(", "))),
                }
            }
        }
    };
}
pub(super) use choice;
