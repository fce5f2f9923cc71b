//! What a model cannot be told of a case, or what is not known of how to tell it.

use std::collections::BTreeMap;

use cases::{IdentityKind, IkeVersion, Mode};
use ikev2::{EspProposal, IkeProposal, Transform};
use reports::escape::visible;
use reports::text::Text;

use super::model::{Draft, Model};
use super::words;
use crate::router::{Credentials, RouterSettings};

/// Characters of a value that are shown.
const SHOWN: usize = 200;

/// One thing that a sheet has to say besides its values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    pub lack: Lack,
    /// Whether the case cannot be set up by the draft because of it.
    pub blocks: bool,
    pub text: Text,
}

/// Why something is not in the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lack {
    /// The model has no such function (機能なし).
    Function,
    /// The model may have it: what is public does not say how it is set.
    Knowledge,
    /// The case itself gives the router nothing of the kind.
    ByTheCase,
}

/// A router's settings in the words of a model, as far as it has words.
pub(super) struct Fitting<'a> {
    pub(super) gaps: Vec<Gap>,
    pub(super) ike: Vec<IkeFit<'a>>,
    pub(super) esp: Vec<EspFit<'a>>,
    pub(super) local_id: &'a str,
    pub(super) remote_id: &'a str,
}

/// An IKE proposal in the model's words.
pub(super) struct IkeFit<'a> {
    pub(super) encryption: Vec<&'a str>,
    pub(super) integrity: Vec<&'a str>,
    pub(super) prf: Vec<&'a str>,
    pub(super) dh: Vec<&'a str>,
}

/// An ESP proposal in the model's words.
pub(super) struct EspFit<'a> {
    pub(super) encryption: Vec<&'a str>,
    pub(super) integrity: Vec<&'a str>,
    pub(super) dh: Vec<&'a str>,
}

impl<'a> Fitting<'a> {
    pub(super) fn new(model: &'a Model, router: &RouterSettings) -> Self {
        let mut fitting = Self {
            gaps: Vec::new(),
            ike: Vec::new(),
            esp: Vec::new(),
            local_id: "",
            remote_id: "",
        };
        if let Some(draft) = &model.draft {
            fitting.method(draft, router);
            fitting.local_id = fitting.identity(draft, router.local.id.kind, true);
            fitting.remote_id = fitting.identity(draft, router.remote.id.kind, false);
            fitting.departures(router);
            fitting.texts(draft, router);
            fitting.proposals(draft, router);
        }
        fitting
    }

    pub(super) fn can_be_set_up(&self) -> bool {
        !self.gaps.iter().any(|gap| gap.blocks)
    }

    fn add(&mut self, lack: Lack, blocks: bool, text: Text) {
        let gap = Gap { lack, blocks, text };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    fn method(&mut self, draft: &Draft, router: &RouterSettings) {
        let method = router.auth.method();
        if draft.methods.contains(&method) {
            return;
        }
        let name = words::method(method);
        let is_unwritten = draft.unwritten_methods.contains(&method);
        let (lack, text) = if is_unwritten {
            (
                Lack::Knowledge,
                Text::new(
                    format!(
                        "no public document that was found gives the commands for {}",
                        name.en
                    ),
                    format!(
                        "{}の設定コマンドは、公開資料では確認できていません",
                        name.ja
                    ),
                ),
            )
        } else {
            (
                Lack::Function,
                Text::new(
                    format!("this model has no {}: the case cannot be set up", name.en),
                    format!(
                        "この機種に{}の機能はなく、この試験項目は設定できません",
                        name.ja
                    ),
                ),
            )
        };
        self.add(lack, true, text);
    }

    /// The model's word for a type of identity; empty where there is none.
    fn identity(&mut self, draft: &'a Draft, kind: IdentityKind, own: bool) -> &'a str {
        if let Some((_, word)) = draft.identities.iter().find(|(known, _)| *known == kind) {
            return word;
        }
        let name = words::identity(kind);
        let whose = if own {
            Text::new("its own identity", "自身の識別子")
        } else {
            Text::new("the peer's identity", "対向の識別子")
        };
        let (lack, text) = if draft.unwritten_identities.contains(&kind) {
            (
                Lack::Knowledge,
                Text::new(
                    format!(
                        "no public document that was found gives the command for {name} as {}",
                        whose.en
                    ),
                    format!(
                        "{}に {name} を指定するコマンドは、公開資料では確認できていません",
                        whose.ja
                    ),
                ),
            )
        } else {
            (
                Lack::Function,
                Text::new(
                    format!(
                        "this model has no {name} as {}: the case cannot be set up",
                        whose.en
                    ),
                    format!(
                        "この機種は{}に {name} を指定できず、この試験項目は設定できません",
                        whose.ja
                    ),
                ),
            )
        };
        self.add(lack, true, text);
        ""
    }

    fn departures(&mut self, router: &RouterSettings) {
        let departures = &router.departures;
        if departures.ike_version == IkeVersion::V1 {
            self.unwritten("IKE version 1", "IKE バージョン1");
        }
        if departures.mode == Mode::Transport {
            self.unwritten("transport mode", "トランスポートモード");
        }
        if !departures.nat_traversal {
            self.unwritten("a router without NAT traversal", "NATトラバーサルの無効化");
        }
        if !departures.raw.is_empty() || !departures.settings.is_empty() {
            self.unwritten(
                "what this case changes in the configuration of one daemon",
                "この試験項目が特定のデーモンの設定に加える変更",
            );
        }
        if !departures.connection {
            let text = Text::new(
                "in this case the router has no connection at all: set nothing up",
                "この試験項目では、ルーターに接続を設定しません",
            );
            self.add(Lack::ByTheCase, true, text);
        }
        match &router.auth {
            Credentials::Psk(Some(_)) => {}
            Credentials::Psk(None) => {
                let text = Text::new(
                    "in this case the router has no key for its peer",
                    "この試験項目では、ルーターに対向の事前共有鍵を設定しません",
                );
                self.add(Lack::ByTheCase, true, text);
            }
            Credentials::Certificate(credentials) if !credentials.has_certificate => {
                let text = Text::new(
                    "in this case the router has no certificate of its own",
                    "この試験項目では、ルーターに自身の証明書を設定しません",
                );
                self.add(Lack::ByTheCase, true, text);
            }
            Credentials::Certificate(_) => {}
        }
    }

    fn unwritten(&mut self, en: &str, ja: &str) {
        let text = Text::new(
            format!("the draft has no commands for {en}"),
            format!("この下書きは{ja}に対応していません"),
        );
        self.add(Lack::Knowledge, true, text);
    }

    /// Every text that the commands would hold must be one that they can hold.
    fn texts(&mut self, draft: &Draft, router: &RouterSettings) {
        let ends = [&router.local, &router.remote];
        let mut texts: Vec<&str> = ends.iter().map(|end| end.id.value.as_str()).collect();
        for end in ends {
            texts.extend(end.id.attributes.iter().map(|one| one.value.as_str()));
        }
        let has_bad_secret = match &router.auth {
            Credentials::Psk(key) => key.as_ref().is_some_and(|key| !fits(draft, key.expose())),
            Credentials::Certificate(credentials) => {
                let lists = [
                    &credentials.trust_anchors,
                    &credentials.intermediates,
                    &credentials.crls,
                ];
                for document in lists.into_iter().flatten() {
                    texts.push(&document.name);
                }
                !fits(draft, credentials.password.expose())
            }
        };
        for text in texts.into_iter().filter(|text| !fits(draft, text)) {
            let shown = visible(text, SHOWN);
            let text = Text::new(
                format!(
                    "the draft cannot hold the text \"{shown}\": it has characters that a command could take for something else"
                ),
                format!(
                    "「{shown}」には、コマンドの一部と解釈されるおそれのある文字があり、下書きに記載できません"
                ),
            );
            self.add(Lack::Knowledge, true, text);
        }
        if has_bad_secret {
            let text = Text::new(
                "the draft cannot hold the key of this case: it has a line break or other \
                 characters that a command could take for something else",
                "この試験項目の鍵には、改行など、コマンドの一部と解釈されるおそれのある文字があり、下書きに記載できません",
            );
            self.add(Lack::Knowledge, true, text);
        }
    }

    fn proposals(&mut self, draft: &'a Draft, router: &RouterSettings) {
        for proposal in &router.ike {
            let fit = self.ike(draft, proposal);
            self.ike.extend(fit);
        }
        for proposal in &router.esp {
            let fit = self.esp(draft, proposal);
            self.esp.extend(fit);
        }
        if self.ike.is_empty() {
            self.nothing_left("IKE SA");
        }
        if self.esp.is_empty() {
            self.nothing_left("Child SA");
        }
    }

    fn nothing_left(&mut self, sa: &str) {
        let text = Text::new(
            format!("no proposal for the {sa} can be set up with the algorithms above"),
            format!("上記のアルゴリズムを除くと、{sa} のプロポーザルが残りません"),
        );
        self.add(Lack::Knowledge, true, text);
    }

    /// `None` where nothing of one kind is left.
    fn ike(&mut self, draft: &'a Draft, proposal: &IkeProposal) -> Option<IkeFit<'a>> {
        let ike = &draft.ike;
        let encryption = self.spell(&ike.encryption, proposal.encryption());
        let integrity = self.spell(&ike.integrity, proposal.integrity());
        let prf = match &ike.prf {
            Some(known) => self.spell(known, proposal.prf()),
            None => Some(Vec::new()),
        };
        let dh = self.spell(&ike.dh, proposal.dh());
        Some(IkeFit {
            encryption: encryption?,
            integrity: integrity?,
            prf: prf?,
            dh: dh?,
        })
    }

    fn esp(&mut self, draft: &'a Draft, proposal: &EspProposal) -> Option<EspFit<'a>> {
        let esp = &draft.esp;
        let encryption = self.spell(&esp.encryption, proposal.encryption());
        let integrity = self.spell(&esp.integrity, proposal.integrity());
        let dh = self.spell(&esp.dh, proposal.dh());
        Some(EspFit {
            encryption: encryption?,
            integrity: integrity?,
            dh: dh?,
        })
    }

    /// The words for those algorithms that have one; `None` where some were wanted and none is left.
    fn spell<T: Transform>(
        &mut self,
        known: &'a BTreeMap<T, String>,
        wanted: &[T],
    ) -> Option<Vec<&'a str>> {
        let mut found = Vec::new();
        for algorithm in wanted {
            match known.get(algorithm) {
                Some(word) => found.push(word.as_str()),
                None => {
                    let name = algorithm.name();
                    let text = Text::new(
                        format!("{name} is left out: the draft knows no word of this model for it"),
                        format!(
                            "{name} に当たるこの機種の語を確認できていないため、下書きから除いています"
                        ),
                    );
                    self.add(Lack::Knowledge, false, text);
                }
            }
        }
        (wanted.is_empty() || !found.is_empty()).then_some(found)
    }
}

fn fits(draft: &Draft, text: &str) -> bool {
    !text.contains(char::is_control) && draft.text.is_match(text)
}
