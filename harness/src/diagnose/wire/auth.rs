//! IKE_AUTH: whether both ends accepted each other.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::query::{IKE_AUTH, IKE_SA_INIT, INFORMATIONAL};
use transcript::model::{Content, Message, Protection};

use super::{
    Attempt, Finding, PRIVATE_ERRORS, Reached, Story, answered, esp, protected_errors, refusal,
};

/// Octets of the shortest encrypted IKE_AUTH response with IDr and AUTH: header of IKE and of SK, 32;
/// initialization vector and check value, 8 each at least; IDr of one octet, 9; AUTH with the output of
/// the shortest PRF, 24; the length of the padding.
const SHORTEST_WITH_AUTH: u64 = 32 + 16 + 9 + 24 + 1;
/// EAP code of a refusal (RFC 3748, section 4.2).
const EAP_FAILURE: u32 = 4;

impl Story<'_> {
    /// What became of it after IKE_SA_INIT.
    pub(super) fn auth(self) -> Attempt {
        match self.unauthenticated() {
            Ok(attempt) => attempt,
            Err(finding) => Attempt::Failed(finding),
        }
    }

    fn unauthenticated(self) -> Result<Attempt, Finding> {
        let requests: Vec<_> = self.messages(IKE_AUTH, false).collect();
        let responses: Vec<_> = self.messages(IKE_AUTH, true).collect();
        let Some(first) = requests.first().copied() else {
            let detail = Text::new(
                "IKE_SA_INIT was answered, and the initiator did not go on",
                "IKE_SA_INIT に応答がありましたが、開始側がその後を続けていません",
            );
            let answer = self.messages(IKE_SA_INIT, true).last();
            return Err(self.unknown(answer, detail, Reached::Init));
        };
        // What anybody can send does not count.
        let mut protected = responses
            .iter()
            .filter(|message| message.protection != Protection::Clear);
        let Some(last) = protected.next_back().copied() else {
            return Err(self.unanswered(first, &requests, Reached::Init));
        };
        if last.arrived() == Some(false) {
            return Err(self.answer_lost(last, Reached::Auth));
        }
        // EAP takes several rounds.
        let next = requests
            .iter()
            .filter(|request| request.message_id > last.message_id);
        let next: Vec<&Message> = next.copied().collect();
        if let Some(first) = next.first() {
            return Err(self.unanswered(first, &next, Reached::Auth));
        }
        self.read(last)
    }

    /// What the last answer says.
    fn read(self, answer: &Message) -> Result<Attempt, Finding> {
        if let Some(fragments) = &answer.fragments
            && usize::from(fragments.total) != fragments.parts.len()
        {
            let (there, total) = (fragments.parts.len(), fragments.total);
            let detail = Text::new(
                format!("only {there} of {total} fragments of the answer to IKE_AUTH are there"),
                format!(
                    "IKE_AUTH の応答は {total} 個のフラグメントのうち {there} 個しかありません"
                ),
            );
            return Err(self.unknown(Some(answer), detail, Reached::Auth));
        }
        match &answer.protection {
            Protection::Undecryptable { why } => {
                let detail = Text::new(
                    format!(
                        "the answer to IKE_AUTH cannot be decrypted with the keys of its IKE SA: {why}"
                    ),
                    format!("IKE_AUTH の応答を IKE SA の鍵で復号できません（{why}）"),
                );
                Err(self.unknown(Some(answer), detail, Reached::Auth))
            }
            Protection::Encrypted => self.unread(answer),
            Protection::Clear | Protection::Decrypted => self.decrypted(answer),
        }
    }

    fn decrypted(self, answer: &Message) -> Result<Attempt, Finding> {
        let has = |is: fn(&Content) -> bool| {
            let mut protected = answer.payloads.iter().filter(|payload| payload.protected);
            protected.any(|payload| is(&payload.content))
        };
        let authenticated = has(|content| matches!(content, Content::Authentication(_)));
        let chosen = answer.proposals().next().is_some();
        let selected = has(|content| matches!(content, Content::TrafficSelectors { .. }));
        if authenticated && chosen && selected {
            return match self.taken_back(answer) {
                Some(finding) => Err(finding),
                None => Ok(Attempt::Stands { read: true }),
            };
        }
        let mut errors = protected_errors(answer);
        if let Some(error) = errors.find(|error| error.kind.number < PRIVATE_ERRORS) {
            let code = refusal(error.kind.name.as_ref());
            return Err(answered(code, answer, Reached::Auth));
        }
        let eap = answer.payloads.iter().find_map(|payload| {
            if let Content::Eap { code, .. } = &payload.content {
                Some(code.number)
            } else {
                None
            }
        });
        if eap == Some(EAP_FAILURE) {
            let mut found = answered(CauseCode::AuthFailed, answer, Reached::Auth);
            found.detail = Text::new(
                "it answered IKE_AUTH with EAP Failure",
                "IKE_AUTH に対する応答は EAP Failure",
            );
            return Err(found);
        }
        let mut found = answered(CauseCode::Unknown, answer, Reached::Auth);
        if eap.is_some() {
            found.detail = Text::new(
                "the capture ends in the middle of EAP",
                "キャプチャーが EAP の途中で終わっています",
            );
        } else if protected_errors(answer).next().is_none() {
            let (en, ja) = if authenticated {
                (
                    "AUTH, and no Child SA",
                    "AUTH があり、Child SA がありません",
                )
            } else {
                ("neither AUTH nor an error", "AUTH もエラー通知もありません")
            };
            found.detail = Text::new(
                format!("the answer to IKE_AUTH has {en}"),
                format!("IKE_AUTH の応答には {ja}"),
            );
        }
        found.side = Side::Both;
        Err(found)
    }

    /// The initiator got an answer, and ended the SA for it.
    fn taken_back(self, answer: &Message) -> Option<Finding> {
        let mut after = self.messages(INFORMATIONAL, false).filter(|message| {
            message.from == transcript::model::Role::Initiator && message.at_us >= answer.at_us
        });
        after.find_map(|message| {
            let error = protected_errors(message).next()?;
            let code = match error.kind.name.as_ref() {
                "TS_UNACCEPTABLE" => CauseCode::SelectorsNarrowingRefused,
                name => refusal(name),
            };
            Some(Finding {
                side: Side::Initiator,
                by: Role::Initiator,
                ..answered(code, message, Reached::Auth)
            })
        })
    }

    /// Without keys, only the length of an answer and the packets after it speak.
    fn unread(self, answer: &Message) -> Result<Attempt, Finding> {
        if answer.octets >= SHORTEST_WITH_AUTH && esp::flows_after(self.talk, answer.at_us) {
            return Ok(Attempt::Stands { read: false });
        }
        let (en, ja) = if answer.octets < SHORTEST_WITH_AUTH {
            (
                "its length leaves room for a notification only",
                "その長さから、通知のみを含むとみられます",
            )
        } else {
            (
                "no new ESP SAs in both directions follow it",
                "その後に、双方向の新しい ESP SA がありません",
            )
        };
        let detail = Text::new(
            format!("the answer of IKE_AUTH is encrypted, and no key is known: {en}"),
            format!("IKE_AUTH の応答は暗号化されており、鍵がありません。{ja}"),
        );
        Err(self.unknown(Some(answer), detail, Reached::Auth))
    }
}
