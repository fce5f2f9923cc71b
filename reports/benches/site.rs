//! How long the site of a large run takes, how much memory, how large it is, and how quickly its
//! pages open: 24 vendors in every pairing, 40 cases. Of ten cells seven passed, one failed and two
//! are not supported; in the field trial of 2018 five, two and three did.
//!
//! The evidence is that of two cells of a real run (`benches/evidence`). The transcripts of all cells
//! are made unlike, the configurations those of unlike pairings and of nine set-ups: cases often differ
//! in their steps alone. Arguments: vendors and cases.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use reports::cause::{Cause, CauseCode, Side};
use reports::model::{CaseRecord, Cell, LabRecord, Outcome, Package, Run, SCHEMA, Tool, Vendor};
use reports::text::{Lang, Text};
use reports::{json, site};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *words {
        // Cargo says `--bench`.
        ["--measure", run, site] => measure(Path::new(run), Path::new(site)),
        [] | ["--bench"] => bench(24, 40),
        [vendors, cases] | [vendors, cases, "--bench"] => match (vendors.parse(), cases.parse()) {
            (Ok(vendors), Ok(cases)) => bench(vendors, cases),
            _ => Err("give numbers of vendors and cases".into()),
        },
        _ => Err("give numbers of vendors and cases, or nothing".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("error: {failure}\n"));
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}

fn bench(vendors: usize, cases: usize) -> Result<(), Failure> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-site");
    let _ = fs::remove_dir_all(&folder);
    let run = folder.join("run");
    let begun = Instant::now();
    let cells = make_run(&run, vendors, cases)?;
    let made = begun.elapsed().as_secs_f64();
    say(&format!(
        "{vendors} vendors, {cases} cases: {cells} cells, made in {made:.1} s\n"
    ));
    let site = folder.join("site");
    // In a process of its own, whose memory holds nothing else.
    let measured = Command::new(std::env::current_exe()?)
        .arg("--measure")
        .args([&run, &site])
        .status()?;
    if !measured.success() {
        return Err("the measurement failed".into());
    }
    let mut sizes = Vec::new();
    sizes_below(&site, &mut sizes)?;
    let octets: u64 = sizes.iter().map(|size| size.octets).sum();
    let on_disk: u64 = sizes.iter().map(|size| size.on_disk).sum();
    say(&format!(
        "site: {} files, {} MB, {} MB on disk\n",
        sizes.len(),
        octets / 1_000_000,
        on_disk / 1_000_000
    ));
    for part in ["cells", "cases", "vendors", "configurations", "evidence"] {
        let part = site.join(part);
        let of_part = sizes.iter().filter(|size| size.path.starts_with(&part));
        let octets: u64 = of_part.map(|size| size.octets).sum();
        say(&format!(
            "  {}: {} MB\n",
            part.display(),
            octets / 1_000_000
        ));
    }
    let html = |size: &&Size| size.path.extension().is_some_and(|end| end == "html");
    if let Some(largest) = sizes.iter().filter(html).max_by_key(|size| size.octets) {
        let name = largest.path.strip_prefix(&site)?.display();
        say(&format!(
            "largest page: {name}, {} kB\n",
            largest.octets / 1000
        ));
    }
    open_pages(&folder)?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Makes the site, as `ikematrix report` does, and tells time and memory.
fn measure(run: &Path, target: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    let record = json::read(&run.join("run.json"))?;
    let read = begun.elapsed().as_secs_f64();
    site::write(target, &record, run, Lang::Ja)?;
    let whole = begun.elapsed().as_secs_f64();
    // Ticks of a hundredth of a second, in user and kernel (proc(5)).
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, stat) = stat.rsplit_once(')').unwrap_or_default();
    let ticks = stat.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|word| word.parse::<u64>().ok()).sum();
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    say(&format!(
        "report: {whole:.1} s, of which {read:.1} s to read the record; {}.{:02} s of processor; \
         peak memory {}\n",
        ticks / 100,
        ticks % 100,
        peak.unwrap_or_default().trim_start_matches("VmHWM:").trim()
    ));
    Ok(())
}

/// Opens pages of each kind in chromium, where there is one.
fn open_pages(folder: &Path) -> Result<(), Failure> {
    const PAGES: [&str; 5] = [
        "index.html",
        "others.html",
        "cases/c.1.html",
        "vendors/v1.html",
        "cells/c.1/v1/v2.html",
    ];
    const TELL: &str = "addEventListener('load', () => { document.body.append(...[...document.querySelectorAll('iframe')].map((i) => { const f = i.contentWindow; \
        const [t] = f.performance.getEntriesByType('navigation'); \
        return `\n${'@'} ${f.location.pathname} ${Math.round(t.loadEventEnd)} ms\n`; })); })";
    for page in PAGES {
        let path = folder.join("frame.html");
        let frame = format!(
            "<!DOCTYPE html><body><iframe width=1600 height=900 src=\"site/{page}\"></iframe>\
             <script>{TELL}</script>"
        );
        fs::write(&path, frame)?;
        let mut browser = Command::new("timeout");
        browser.args([
            "60",
            "chromium",
            "--headless",
            "--disable-gpu",
            "--no-sandbox",
        ]);
        browser.args(["--allow-file-access-from-files", "--dump-dom"]);
        browser.arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ));
        let Ok(output) = browser.arg(format!("file://{}", path.display())).output() else {
            say("no chromium to open the pages with\n");
            return Ok(());
        };
        let dom = String::from_utf8_lossy(&output.stdout);
        let time = dom.lines().find_map(|line| line.strip_prefix("@ "));
        let time = time.and_then(|line| line.split_once(' '));
        let time = time.map_or("not opened", |(_, time)| time);
        say(&format!("{page} opens in {time}\n"));
    }
    Ok(())
}

struct Size {
    path: PathBuf,
    octets: u64,
    on_disk: u64,
}

fn sizes_below(folder: &Path, sizes: &mut Vec<Size>) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            sizes_below(&entry.path(), sizes)?;
        } else {
            sizes.push(Size {
                path: entry.path(),
                octets: metadata.len(),
                on_disk: metadata.blocks() * 512,
            });
        }
    }
    Ok(())
}

/// Writes the record and the evidence of every cell; gives the number of cells.
fn make_run(folder: &Path, vendors: usize, cases: usize) -> Result<usize, Failure> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/evidence");
    let passed = Sample::read(&samples.join("pass"))?;
    let failed = Sample::read(&samples.join("fail"))?;
    let vendors: Vec<Vendor> = (1..=vendors).map(vendor).collect();
    let cases: Vec<CaseRecord> = (1..=cases).map(case).collect();
    let mut cells = Vec::new();
    for case in &cases {
        for initiator in &vendors {
            for responder in &vendors {
                let cell = match cells.len() % 10 {
                    3 => failed.cell(folder, case, initiator, responder)?,
                    5 | 7 => unsupported(case, initiator, responder),
                    _ => passed.cell(folder, case, initiator, responder)?,
                };
                cells.push(cell);
            }
        }
    }
    let count = cells.len();
    let run = Run {
        schema: SCHEMA,
        started: "2026-05-04T03:02:01Z".parse()?,
        finished: "2026-05-04T09:05:21Z".parse()?,
        complete: true,
        tool: Tool {
            name: "ikematrix".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        lab: LabRecord {
            backend: "crun".to_owned(),
            kernel: "6.12.30-amd64".to_owned(),
            accel: "none".to_owned(),
            reason: Text::new("made up for a measurement", "計測用の架空の記録"),
        },
        vendors,
        cases,
        cells,
        comparison: None,
        selection: None,
        inputs: None,
    };
    json::write(&folder.join("run.json"), &run)?;
    Ok(count)
}

/// The evidence of a real cell.
struct Sample {
    folder: PathBuf,
    verdict: Cell,
    /// Files that are unlike in every cell, with their content.
    unlike: Vec<(String, String)>,
    /// Files that can be the same.
    alike: Vec<String>,
}

impl Sample {
    fn read(folder: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        sizes_below(folder, &mut files)?;
        let mut sample = Self {
            folder: folder.to_owned(),
            verdict: serde_json::from_slice(&fs::read(folder.join("verdict.json"))?)?,
            unlike: Vec::new(),
            alike: Vec::new(),
        };
        for file in files {
            let name = file
                .path
                .strip_prefix(folder)?
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".conf") || name.ends_with(".txt") {
                let content = fs::read_to_string(&file.path)?;
                sample.unlike.push((name, content));
            } else {
                sample.alike.push(name);
            }
        }
        Ok(sample)
    }

    fn cell(
        &self,
        run: &Path,
        case: &CaseRecord,
        initiator: &Vendor,
        responder: &Vendor,
    ) -> Result<Cell, Failure> {
        let mut cell = self.verdict.clone();
        name(&mut cell, case, initiator, responder);
        let evidence = format!("evidence/{}/{}--{}", case.id, initiator.id, responder.id);
        let folder = run.join(&evidence);
        for role in ["initiator", "responder"] {
            fs::create_dir_all(folder.join(role))?;
        }
        for (file, content) in &self.unlike {
            let own = format!("{}.example", cell.initiator);
            let content = content.replace("trial-b.example", &own);
            let setup = if file.ends_with(".conf") {
                // Nine of them: C1 to C9.
                case.abbreviation.chars().take(2).collect()
            } else {
                case.id.clone()
            };
            let pairing = format!("{} {}", cell.initiator, cell.responder);
            let content = format!("{content}# {setup} {pairing}\n");
            fs::write(folder.join(file), content)?;
        }
        for file in &self.alike {
            fs::hard_link(self.folder.join(file), folder.join(file))
                .or_else(|_| fs::copy(self.folder.join(file), folder.join(file)).map(|_| ()))?;
        }
        cell.evidence = Some(evidence);
        Ok(cell)
    }
}

fn unsupported(case: &CaseRecord, initiator: &Vendor, responder: &Vendor) -> Cell {
    let sentence = Text::new(
        "The vendor declares that it does not support this case.",
        "ベンダーは本試験項目に対応しないと申告している。",
    );
    let mut cell = Cell {
        id: String::new(),
        case: String::new(),
        initiator: String::new(),
        responder: String::new(),
        outcome: Outcome::Unsupported,
        cause: Some(Cause::new(
            CauseCode::DeclaredUnsupported,
            Side::Profile,
            sentence,
        )),
        observations: Vec::new(),
        stages: Vec::new(),
        attempts: 0,
        tries: Vec::new(),
        inputs_sha256: None,
        evidence: None,
    };
    name(&mut cell, case, initiator, responder);
    cell
}

fn name(cell: &mut Cell, case: &CaseRecord, initiator: &Vendor, responder: &Vendor) {
    cell.case.clone_from(&case.id);
    cell.initiator.clone_from(&initiator.id);
    cell.responder.clone_from(&responder.id);
    cell.id = format!("{}/{}:{}", case.id, initiator.id, responder.id);
}

fn vendor(number: usize) -> Vendor {
    let version = format!("{}.{}", 4 + number % 3, number);
    Vendor {
        id: format!("v{number}"),
        name: Text::new(format!("Router {number}"), format!("ルーター{number}")),
        basis: Some(Text::same("RFC4945")),
        implementation: "strongswan".to_owned(),
        packages: vec![Package {
            name: "strongswan".to_owned(),
            version: format!("{version}-1+deb13u1"),
        }],
        version,
        image: format!("sha256:{number:064x}"),
        profile_sha256: format!("{number:064x}"),
    }
}

fn case(number: usize) -> CaseRecord {
    let theme = if number <= 3 { "auth" } else { "c" };
    let number = if number <= 3 { number } else { number - 3 };
    CaseRecord {
        id: format!("{theme}.{number}"),
        abbreviation: format!("C{number}"),
        title: Text::new(
            format!("Case {theme} {number}"),
            format!("試験項目 {theme} {number}"),
        ),
        clause: "RFC 7296 2.15".to_owned(),
        requirement: Text::new(
            "Both ends prove that they hold the same key.",
            "両端が同一の鍵を保持することを証明する。",
        ),
        case_sha256: format!("{number:064x}"),
    }
}
