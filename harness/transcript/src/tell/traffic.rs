//! ESP, IP fragments and ICMP errors.

use super::Teller;
use crate::model::{EspFlow, IcmpError, IpFragments};

/// Flows of ESP that are told.
const MOST_FLOWS: usize = 100;
/// ICMP errors that are told.
const MOST_ERRORS: usize = 20;

impl Teller<'_> {
    pub(super) fn traffic(&self) -> Vec<String> {
        let transcript = self.transcript;
        let mut lines: Vec<_> = transcript
            .esp
            .iter()
            .take(MOST_FLOWS)
            .map(|flow| self.esp(flow))
            .collect();
        let more = transcript.esp.len().saturating_sub(MOST_FLOWS);
        if more > 0 {
            lines.push(self.say.and_more(u64::try_from(more).unwrap_or(u64::MAX)));
        }
        if transcript.esp.is_empty() && !transcript.messages.is_empty() {
            lines.push(self.say.no_esp().to_owned());
        }
        lines.extend(
            transcript
                .ip_fragments
                .iter()
                .map(|these| self.ip_fragments(these)),
        );
        let errors = transcript.icmp_errors.iter();
        lines.extend(
            errors
                .clone()
                .take(MOST_ERRORS)
                .map(|error| self.icmp_error(error)),
        );
        let more = errors.len().saturating_sub(MOST_ERRORS);
        if more > 0 {
            lines.push(self.say.and_more(u64::try_from(more).unwrap_or(u64::MAX)));
        }
        lines
    }

    fn esp(&self, flow: &EspFlow) -> String {
        let (from, to) = (self.short(flow.source), self.short(flow.destination));
        let way = format!("{from} → {to}");
        let mut line = self.say.esp(&way, flow);
        let comma = self.say.comma();
        if let Some(arrived) = flow.arrived {
            line.push_str(&format!(
                "{comma}{}",
                self.say.of_which_arrived(arrived, flow.packets)
            ));
        }
        if flow.repeated > 0 {
            line.push_str(&format!("{comma}{}", self.say.repeated(flow.repeated)));
        }
        line
    }

    fn ip_fragments(&self, these: &IpFragments) -> String {
        let (from, to) = (self.short(these.source), self.short(these.destination));
        let mut line = self.say.fragments_of(&format!("{from} → {to}"), these);
        let comma = self.say.comma();
        if let Some(arrived) = these.arrived {
            line.push_str(&format!(
                "{comma}{}",
                self.say.of_which_arrived(arrived, these.sent)
            ));
        }
        if these.incomplete > 0 {
            line.push_str(&format!("{comma}{}", self.say.incomplete(these.incomplete)));
        }
        line
    }

    fn icmp_error(&self, error: &IcmpError) -> String {
        let about = self.short(error.about);
        let port = error.about_port.map(|port| format!(" UDP {port}"));
        let about = format!("{about}{}", port.unwrap_or_default());
        self.say.icmp(error, &self.short(error.source), &about)
    }
}
