//! What a plugin is granted, as JavaScript passes it.

use std::sync::Arc;

use hookcell_host::{Config, Grants, HostError, Now, Seed, Timestamp};
use napi_derive::napi;
use serde::Deserialize;

/// Grants as JSON text. Omitted ones stay as they are.
#[napi(object, object_to_js = false)]
#[derive(Debug, Default, Deserialize)]
pub struct GrantOptions {
    /// `config` of the context.
    pub config: Option<String>,
    /// `true` for the host's time, `false` for none, or milliseconds since 1970.
    pub now: Option<String>,
    /// `true` for a random one in each call, `false` for none, or a string or number.
    pub seed: Option<String>,
}

impl GrantOptions {
    /// The bytes that they hold.
    pub(crate) fn len(&self) -> usize {
        [&self.config, &self.now, &self.seed].into_iter().flatten().map(String::len).fold(0, usize::saturating_add)
    }

    /// The grants that these options mean. `lib/` has checked them.
    pub(crate) fn parse(&self) -> Result<Grants, HostError> {
        let now = match self.now.as_deref() {
            None => None,
            Some("true") => Some(Now::OfHost),
            Some("false") => Some(Now::Withheld),
            Some(ms) => {
                let time = ms.parse().ok().and_then(Timestamp::new);
                Some(Now::At(time.ok_or_else(|| HostError::Internal(format!("no time: {ms}")))?))
            }
        };
        let seed = self.seed.as_deref().map(|seed| match seed {
            "true" => Seed::Random,
            "false" => Seed::Withheld,
            json => Seed::Fixed(Arc::from(json)),
        });
        Ok(Grants { config: self.config.as_deref().map(Config::from_trusted_json), now, seed })
    }
}
