//! Settings: what a daemon's template may be told beyond the fixed variables.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The value of a setting. A profile overrides it with one of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    Text(String),
    Switch(bool),
    Number(i64),
    List(Vec<String>),
}

impl Setting {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Switch(_) => "true or false",
            Self::Number(_) => "an integer",
            Self::List(_) => "a list of strings",
        }
    }

    /// The strings in it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::List(texts) => texts.as_slice(),
            Self::Switch(_) | Self::Number(_) => &[],
        };
        texts.iter().map(String::as_str)
    }

    /// Whether it is on, if it is a switch.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Switch(switch) => Some(*switch),
            Self::Text(_) | Self::Number(_) | Self::List(_) => None,
        }
    }
}

/// Written out because serde's own way for untagged values cannot say what was expected.
impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor)
    }
}

struct SettingVisitor;

impl<'de> Visitor<'de> for SettingVisitor {
    type Value = Setting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, true or false, an integer, or a list of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Setting, E> {
        Ok(Setting::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, switch: bool) -> Result<Setting, E> {
        Ok(Setting::Switch(switch))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Setting, E> {
        Ok(Setting::Number(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Setting, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Setting::List(list))
    }
}
