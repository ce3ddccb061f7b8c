//! What the operator grants a plugin beside the request: `config`, `now` and `seed` of its context.

pub(crate) mod timestamp;

use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::call::grants::timestamp::Timestamp;
use crate::error::HostError;
use crate::json::harmless::{self, Harm, MAX_DEPTH};
use crate::limits::{Limit, Limits};

/// What the operator grants a plugin: its configuration, the time and a seed. A guest has neither clock nor random numbers of
/// its own. `None` leaves it to the grants below: a call's are over those of the plugin's load. By default nothing is granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// `config`.
    pub config: Option<Config>,
    /// `now`.
    pub now: Option<Now>,
    /// `seed`.
    pub seed: Option<Seed>,
}

/// The configuration of a plugin: JSON text that the guest gets as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config(Arc<str>);

/// The time that a guest gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// None.
    Withheld,
    /// The time at which the call begins to run.
    OfHost,
    /// This time, in milliseconds since 1970.
    At(Timestamp),
}

/// The seed that a guest gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// None.
    Withheld,
    /// A new one for each call: 32 hexadecimal digits that cannot be guessed from others.
    Random,
    /// This one: the JSON text of a string or a number.
    Fixed(Arc<str>),
}

impl Config {
    /// A configuration from JSON text.
    ///
    /// # Errors
    /// [`HostError::Config`] if it is not JSON, contains a `__proto__` key, or nests more than 128 levels deep.
    pub fn from_json(json: &str) -> Result<Self, HostError> {
        let refuse = |reason: String| HostError::Config { plugin: None, reason, details: None, fault: None };
        serde_json::from_str::<serde::de::IgnoredAny>(json).map_err(|error| refuse(error.to_string()))?;
        harmless::check(json, MAX_DEPTH, None).map_err(|(harm, index)| {
            let path = harmless::path("config", json, index);
            refuse(match harm {
                Harm::ProtoKey => format!("{path} has a key \"__proto__\""),
                Harm::Nesting | Harm::Cost => format!("{path} is nested more than {MAX_DEPTH} levels deep"),
            })
        })?;
        Ok(Self::from_trusted_json(json))
    }

    /// A configuration from JSON text that the caller wrote. It is not checked again.
    #[must_use]
    pub fn from_trusted_json(json: &str) -> Self {
        Self(Arc::from(json))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Refuses a configuration that is longer than the limit.
    pub(crate) fn admit(&self, limits: &Limits) -> Result<(), HostError> {
        let (length, most) = (self.0.len() as u64, limits.max_config_bytes());
        if length > most {
            let name = Limit::CONFIG_BYTES.name;
            return Err(HostError::limit(name, format!("the config has {length} bytes; {name} is {most}")));
        }
        Ok(())
    }
}

impl Grants {
    /// Does it leave everything to the grants below?
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These grants, with those that `other` sets instead.
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self {
            config: other.config.clone().or_else(|| self.config.clone()),
            now: other.now.or(self.now),
            seed: other.seed.clone().or_else(|| self.seed.clone()),
        }
    }

    /// The grants of a call, or `None` if there are none. The first of `layers` is over the others.
    pub(crate) fn of_call(
        layers: [Option<&Self>; 3],
        clock: &mut Clock,
        limits: &Limits,
    ) -> Result<Option<Tail>, HostError> {
        let layers = layers.into_iter().flatten();
        if layers.clone().all(Self::is_empty) {
            return Ok(None);
        }
        let config = layers.clone().find_map(|grants| grants.config.as_ref());
        if let Some(config) = config {
            config.admit(limits)?;
        }
        let now = match layers.clone().find_map(|grants| grants.now) {
            None | Some(Now::Withheld) => None,
            Some(Now::OfHost) => Some(clock.now()),
            Some(Now::At(time)) => Some(time),
        };
        let seed = match layers.clone().find_map(|grants| grants.seed.as_ref()) {
            None | Some(Seed::Withheld) => None,
            Some(Seed::Random) => Some(random_seed()),
            Some(Seed::Fixed(seed)) => Some(Arc::clone(seed)),
        };
        Ok(Tail::of(config, Granted { now, seed }))
    }
}

/// The time of one call or chain, read from the host's clock when a plugin first gets it.
#[derive(Debug, Default)]
pub(crate) struct Clock(Option<Timestamp>);

impl Clock {
    fn now(&mut self) -> Timestamp {
        *self.0.get_or_insert_with(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).ok().and_then(Timestamp::new).unwrap_or_default()
        })
    }
}

/// A new seed, as the JSON text of 32 hexadecimal digits. The standard library's hash functions have secret keys from the system.
fn random_seed() -> Arc<str> {
    let half = || RandomState::new().hash_one(0_u8);
    Arc::from(format!("\"{:016x}{:016x}\"", half(), half()))
}

/// The time and the seed that a call got. With the same, and the same context, it ends alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Granted {
    /// The time, if any was granted.
    pub now: Option<Timestamp>,
    /// The seed, if any was granted: the JSON text of a string or a number.
    pub seed: Option<Arc<str>>,
}

impl Granted {
    /// Is it nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.now.is_none() && self.seed.is_none()
    }
}

impl Serialize for Granted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(now) = &self.now {
            map.serialize_entry("now", now)?;
        }
        if let Some(seed) = &self.seed {
            let seed: &RawValue = serde_json::from_str(seed).map_err(serde::ser::Error::custom)?;
            map.serialize_entry("seed", seed)?;
        }
        map.end()
    }
}

/// The members of a context that the host adds, as the end of its text.
#[derive(Debug)]
pub(crate) struct Tail {
    /// `,"config":…,"now":…,"seed":…`, as far as they are granted.
    text: String,
    pub(crate) granted: Granted,
}

impl Tail {
    fn of(config: Option<&Config>, granted: Granted) -> Option<Self> {
        if config.is_none() && granted.is_empty() {
            return None;
        }
        let mut text = String::with_capacity(config.map_or(0, |config| config.0.len()).saturating_add(128));
        if let Some(config) = config {
            text.push_str(",\"config\":");
            text.push_str(config.as_json());
        }
        if let Some(now) = &granted.now {
            let _ = write!(text, ",\"now\":{now}");
        }
        if let Some(seed) = &granted.seed {
            text.push_str(",\"seed\":");
            text.push_str(seed);
        }
        Some(Self { text, granted })
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The text of the context before these members, and these members with the end of the object.
    pub(crate) fn join<'a>(&'a self, context: &'a str) -> Result<[&'a str; 3], HostError> {
        let open = context.trim_end().strip_suffix('}').map(str::trim_end);
        let open = open.ok_or_else(|| HostError::Context("it must be an object".to_owned()))?;
        let members = if open.ends_with('{') { self.text.get(1..).unwrap_or_default() } else { &self.text };
        Ok([open, members, "}"])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Clock, Config, Grants, Now, Seed};
    use crate::call::grants::timestamp::Timestamp;
    use crate::limits::{LimitOverrides, Limits};

    fn config(json: &str) -> Grants {
        Grants { config: Some(Config::from_json(json).unwrap()), ..Grants::default() }
    }

    fn joined(layers: [Option<&Grants>; 3], context: &str) -> Option<String> {
        let tail = Grants::of_call(layers, &mut Clock::default(), &Limits::default()).unwrap()?;
        Some(tail.join(context).unwrap().concat())
    }

    #[test]
    fn a_call_without_grants_has_no_tail() {
        let withheld = Grants { now: Some(Now::Withheld), seed: Some(Seed::Withheld), ..Grants::default() };
        assert_eq!(joined([None, None, None], "{}"), None);
        assert_eq!(joined([Some(&Grants::default()), None, Some(&withheld)], "{}"), None);
    }

    #[test]
    fn the_grants_of_a_call_are_over_those_of_the_load_member_by_member() {
        let now = Some(Now::At(Timestamp::new(0).unwrap()));
        let load = Grants { now, seed: Some(Seed::Fixed(Arc::from("7"))), ..config("1") };
        let call = Grants { seed: Some(Seed::Withheld), ..config("[2]") };
        let expected = r#"{"input":{},"config":[2],"now":{"ms":0,"iso":"1970-01-01T00:00:00.000Z"}}"#;
        assert_eq!(joined([Some(&call), None, Some(&load)], r#"{"input":{}}"#).unwrap(), expected);
        assert_eq!(joined([None, Some(&config("3")), None], " {} ").unwrap(), r#" {"config":3}"#);
    }

    #[test]
    fn each_call_gets_another_random_seed_and_all_plugins_of_a_chain_the_same_time() {
        let grants = Grants { now: Some(Now::OfHost), seed: Some(Seed::Random), config: None };
        let mut clock = Clock::default();
        let mut tail =
            || Grants::of_call([None, None, Some(&grants)], &mut clock, &Limits::default()).unwrap().unwrap();
        let (one, other) = (tail().granted, tail().granted);
        assert_eq!(one.now, other.now);
        assert_ne!(one.seed, other.seed);
        assert_eq!(one.seed.unwrap().len(), 34);
    }

    #[test]
    fn a_config_that_is_no_harmless_json_is_refused_with_its_path() {
        let problem = |json: &str| Config::from_json(json).unwrap_err().to_string();
        assert!(problem("{").contains("EOF"));
        assert!(problem(r#"{"a":[{"__proto__":1}]}"#).contains(r#"config.a[0] has a key "__proto__""#));
        assert!(problem(&format!("{}{}", "[".repeat(200), "]".repeat(200))).contains("more than 128 levels"));
    }

    #[test]
    fn a_config_longer_than_the_limit_is_refused() {
        let limits = LimitOverrides { max_config_bytes: Some(4), ..LimitOverrides::default() };
        let limits = Limits::default().with(&limits).unwrap();
        let of = |json| Grants::of_call([Some(&config(json)), None, None], &mut Clock::default(), &limits).map(drop);
        of("1234").unwrap();
        assert_eq!(of("12345").unwrap_err().limit_name(), Some("maxConfigBytes"));
    }
}
