//! Stable codes: each set is written once, as an enum that can list its members.

/// Makes an enum of codes, the text of each, and the list of all.
macro_rules! codes {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$code_doc:meta])* $code:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ::serde::Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$code_doc])* #[serde(rename = $text)] $code,)*
        }

        impl $name {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The code as text. It never changes.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                }
            }
        }
    };
}

pub(crate) use codes;
