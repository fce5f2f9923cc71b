//! All that must stand before the first cell: the lab, chosen by trying, and the images.

mod images;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::ValueEnum;
use jiff::Timestamp;
use lab::docker::{Engine, RouterImage};
use lab::home::Home;
use lab::image::{Image, Package, Store};
use lab::vm::{self, MachineSpec, VmLab};
use lab::{Fault, Lab, LabError, Made, OwnLab, crun, docker};
use reports::event::Event;
use reports::model::LabRecord;
use reports::text::Text;
use vendors::Profile;

use self::images::Supply;
use super::credentials::{CredentialStore, Issuing};
use super::{Listener, lab_record};
use crate::plan::Plan;

/// Which lab a person asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabChoice {
    /// The first that really works here.
    Auto,
    /// Containers on this machine's own kernel.
    Crun,
    /// Containers in a virtual machine.
    Vm,
    /// Containers of the Docker engine on this machine.
    Docker,
}

impl LabChoice {
    /// Whether this backend, and no other one, was asked for.
    pub(crate) fn is(self, backend: &str) -> bool {
        let value = self.to_possible_value();
        value.is_some_and(|value| value.get_name() == backend)
    }
}

/// What is to be prepared, and where.
#[derive(Clone)]
pub(crate) struct Preparation {
    pub(crate) choice: LabChoice,
    /// Folder of the image store.
    pub(crate) cache: PathBuf,
    /// Whether the lab is to outlive this program.
    pub(crate) keep: bool,
    /// Words for the kernel's command line of a virtual machine.
    pub(crate) kernel_words: Vec<String>,
    /// The base image on which an engine shall build images, if it shall.
    pub(crate) docker_base: Option<String>,
    /// What the certificates follow from.
    pub(crate) issuing: Issuing,
}

/// What the plan needs of an image.
#[derive(Clone, Debug)]
pub(crate) struct ImageFacts {
    pub(crate) key: String,
    pub(crate) digest: String,
    pub(crate) packages: Vec<Package>,
}

/// A lab with its images; or why there is none.
pub(crate) struct Prepared {
    pub(crate) started: Timestamp,
    pub(crate) lab: Result<Arc<dyn Lab>, LabError>,
    pub(crate) record: LabRecord,
    /// By vendor id. A vendor whose image could not be built has the fault.
    pub(crate) images: Arc<BTreeMap<String, Result<ImageFacts, LabError>>>,
    pub(crate) credentials: Arc<CredentialStore>,
    /// Whether routers have to do ESP themselves.
    without_esp: bool,
}

impl Prepared {
    pub(crate) fn parallel(&self) -> usize {
        self.lab.as_ref().map_or(1, |lab| lab.facts().parallel)
    }

    /// The router as it has to be in this lab.
    pub(crate) fn fitted(&self, profile: &Arc<Profile>) -> Arc<Profile> {
        fitted(profile, self.without_esp)
    }

    /// How many cells can be run at once, when so many are wanted.
    pub(crate) fn at_once(&self, wanted: Option<usize>) -> usize {
        let most = self.lab.as_ref().ok().and_then(|lab| lab.facts().most);
        let wanted = wanted.unwrap_or_else(|| self.parallel()).max(1);
        most.map_or(wanted, |most| wanted.min(most))
    }

    pub(crate) async fn close(&self) {
        if let Ok(lab) = &self.lab
            && let Err(fault) = lab.close().await
        {
            tracing::warn!(%fault, "the lab was not removed");
        }
    }
}

/// The router as it has to be in a lab with a kernel that has ESP, or one without.
pub(crate) fn fitted(profile: &Arc<Profile>, without_esp: bool) -> Arc<Profile> {
    match profile.with_user_space_esp() {
        Some(fitted) if without_esp => Arc::new(fitted),
        _ => profile.clone(),
    }
}

/// Builds what is missing and brings up the lab.
pub(crate) async fn prepare(
    plan: &Plan,
    preparation: &Preparation,
    listener: &Listener,
) -> Prepared {
    let started = Timestamp::now();
    let credentials = CredentialStore::begin(plan, preparation.issuing);
    remove_leftovers();
    let (backend, reason) = choose(preparation.choice, plan).await;
    let engine = match backend {
        Backend::Docker => Some(docker::connect().await),
        Backend::Crun | Backend::Vm => None,
    };
    let own = match backend {
        Backend::Crun => Some(crun::try_out_any_kernel().await),
        Backend::Docker | Backend::Vm => None,
    };
    let without_esp = match (&engine, &own) {
        (Some(Ok(engine)), _) => engine.without_esp.clone(),
        (None, Some(Ok(without_esp))) => without_esp.clone(),
        _ => None,
    };
    let store = Store::new(&preparation.cache);
    let builder = engine.as_ref().and_then(|engine| engine.as_ref().ok());
    let base = preparation.docker_base.as_deref();
    let supply = Supply::new(&store, builder, (base, without_esp.as_deref()), listener);
    let system = async {
        match backend {
            Backend::Crun | Backend::Docker => None,
            Backend::Vm => Some(supply.obtain(&vm::system_definition()).await),
        }
    };
    let (images, system) = tokio::join!(supply.routers(plan), system);
    let ready = unique(images.values().filter_map(|image| image.clone().ok()));

    let what = Text::new("starting the lab", "試験環境の起動");
    let begun = Instant::now();
    listener(Event::PreparationStarted { what: what.clone() });
    let lab = match (backend, system, engine, own) {
        (Backend::Docker, _, Some(engine), _) => {
            start_docker(engine, &ready, preparation.keep).await
        }
        (Backend::Crun, _, _, Some(own)) => start_crun(own, &packed(ready), preparation.keep).await,
        (Backend::Vm, Some(Ok(system)), _, _) => {
            start_vm(&system, &packed(ready), preparation).await
        }
        (_, Some(Err(fault)), _, _) => Err(fault),
        (_, _, _, _) => Err(LabError::new(Fault::Harness, "the lab was not tried out")),
    };
    listener(Event::PreparationFinished {
        what,
        millis: millis_since(begun),
    });

    let (lab, reason) = match lab {
        Ok((lab, more)) => (Ok(lab), join(reason, more)),
        Err(fault) => (Err(fault), reason),
    };
    let record = match &lab {
        Ok(lab) => lab_record(lab, reason),
        Err(_) => LabRecord {
            backend: backend.name().into(),
            kernel: String::new(),
            accel: "none".into(),
            reason,
        },
    };
    let images = images
        .into_iter()
        .map(|(vendor, image)| (vendor, image.as_ref().map(facts).map_err(Clone::clone)))
        .collect();
    Prepared {
        started,
        lab,
        record,
        images: Arc::new(images),
        credentials,
        without_esp: without_esp.is_some(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backend {
    Crun,
    Vm,
    Docker,
}

impl Backend {
    fn name(self) -> &'static str {
        match self {
            Self::Crun => "crun",
            Self::Vm => "vm",
            Self::Docker => "docker",
        }
    }
}

async fn choose(choice: LabChoice, plan: &Plan) -> (Backend, Text) {
    let asked_for = Text::new("asked for", "指定による");
    match choice {
        LabChoice::Crun => (Backend::Crun, asked_for),
        LabChoice::Vm => (Backend::Vm, asked_for),
        LabChoice::Docker => (Backend::Docker, asked_for),
        // No other machine has the interface that the router is cabled to.
        LabChoice::Auto if plan.has_external() => (
            Backend::Crun,
            Text::new(
                "an external router is cabled to this machine",
                "外部ルーターがこの機械に接続されているため",
            ),
        ),
        LabChoice::Auto => match crun::try_out().await {
            Ok(()) => (
                Backend::Crun,
                Text::new(
                    "this machine's kernel can do all of it",
                    "この機械のカーネルで動作するため",
                ),
            ),
            Err(LabError { what, .. }) => (
                Backend::Vm,
                Text::new(
                    format!("not crun: {what}"),
                    format!("crun は使えません: {what}"),
                ),
            ),
        },
    }
}

/// Those that every lab can use.
fn packed(images: Vec<RouterImage>) -> Vec<Image> {
    let packed = images.into_iter().filter_map(|image| match image {
        RouterImage::Packed(image) => Some(image),
        RouterImage::Built(_) => None,
    });
    packed.collect()
}

async fn start_crun(
    own: Result<Option<String>, LabError>,
    images: &[Image],
    keep: bool,
) -> Result<(Arc<dyn Lab>, Option<Text>), LabError> {
    let without_esp = own?;
    let more = without_esp.as_deref().map(in_user_space);
    let roots = images
        .iter()
        .map(|image| Ok((image.key.clone(), image.unpacked()?)));
    let roots = roots.collect::<Result<_, LabError>>()?;
    if keep {
        let made = Made::Crun {
            images: roots,
            without_esp,
        };
        return Ok((start_agent(&made).await?, more));
    }
    let lab = crun::start(Home::create()?, roots, without_esp)?;
    Ok((Arc::new(lab), more))
}

/// A lab on this kernel that can outlive this program.
async fn start_agent(made: &Made) -> Result<Arc<dyn Lab>, LabError> {
    let lab = OwnLab::start(Home::create()?, &this_program()?, made).await?;
    Ok(Arc::new(lab))
}

fn this_program() -> Result<PathBuf, LabError> {
    std::env::current_exe()
        .map_err(|error| LabError::new(Fault::Harness, format!("find this program: {error}")))
}

async fn start_docker(
    engine: Result<Engine, LabError>,
    images: &[RouterImage],
    keep: bool,
) -> Result<(Arc<dyn Lab>, Option<Text>), LabError> {
    let engine = engine?;
    let without_esp = engine.without_esp.as_deref().map(in_user_space);
    let built = built_on(images);
    let lab: Arc<dyn Lab> = if keep {
        start_agent(&Made::Docker(images.to_vec())).await?
    } else {
        Arc::new(docker::start(Home::create()?, engine, images).await?)
    };
    let more = match (without_esp, built) {
        (Some(one), other) => Some(join(one, other)),
        (None, other) => other,
    };
    Ok((lab, more))
}

/// Says who does ESP in place of the kernel, and why.
fn in_user_space(why: &str) -> Text {
    Text::new(
        format!(
            "ESP is done by the daemons themselves, in user space: the kernel has none ({why})"
        ),
        format!("カーネルに ESP がないため（{why}）、ESP はデーモン自身がユーザー空間で処理します"),
    )
}

/// Says which images are the engine's own.
fn built_on(images: &[RouterImage]) -> Option<Text> {
    let bases: BTreeSet<&str> = images
        .iter()
        .filter_map(|image| match image {
            RouterImage::Packed(_) => None,
            RouterImage::Built(built) => Some(built.base.as_str()),
        })
        .collect();
    let bases: Vec<&str> = bases.into_iter().collect();
    (!bases.is_empty()).then(|| {
        Text::new(
            format!("the engine built images on {}", bases.join(", ")),
            format!(
                "エンジンが {} を基にイメージを作成しました",
                bases.join("、")
            ),
        )
    })
}

async fn start_vm(
    system: &Image,
    images: &[Image],
    preparation: &Preparation,
) -> Result<(Arc<dyn Lab>, Option<Text>), LabError> {
    let kernel = system.extracted("/boot/vmlinuz")?;
    let (accel, why_not_kvm) = vm::choose(&kernel).await;
    let spec = MachineSpec {
        accel,
        system,
        images,
        program: this_program()?,
        keep: preparation.keep,
        kernel_words: preparation.kernel_words.clone(),
    };
    let lab = VmLab::start(Home::create()?, &spec).await?;
    let reason = why_not_kvm.map(|why| {
        Text::new(
            format!("not KVM: {why}"),
            format!("KVM は使えません: {why}"),
        )
    });
    Ok((Arc::new(lab), reason))
}

/// Removes what labs left behind whose owners died.
fn remove_leftovers() {
    for leftover in lab::home::leftovers()
        .into_iter()
        .filter(|found| found.kept.is_none())
    {
        if let Err(fault) = leftover.remove() {
            tracing::warn!(%fault, "a leftover could not be removed");
        }
    }
}

fn unique(images: impl Iterator<Item = RouterImage>) -> Vec<RouterImage> {
    let by_key: BTreeMap<_, _> = images
        .map(|image| (image.key().to_owned(), image))
        .collect();
    by_key.into_values().collect()
}

fn facts(image: &RouterImage) -> ImageFacts {
    ImageFacts {
        key: image.key().to_owned(),
        digest: image.digest().to_owned(),
        packages: image.packages().to_vec(),
    }
}

fn join(one: Text, other: Option<Text>) -> Text {
    match other {
        None => one,
        Some(other) => Text::new(
            format!("{}; {}", one.en, other.en),
            format!("{}。{}", one.ja, other.ja),
        ),
    }
}

fn millis_since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
