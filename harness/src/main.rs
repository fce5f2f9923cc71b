use std::sync::Arc;
use lab::{vm, image::*, home::Home, *};
fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    let rt = tokio::runtime::Runtime::new()?;
    if std::env::args().nth(1).as_deref() == Some("lab-agent") { vm::serve(&rt)?; return Ok(()); }
    rt.block_on(async {
        let t = std::time::Instant::now();
        let store = Store::new(std::path::Path::new("/tmp/ikcache"));
        let sysd = vm::system_definition();
        let ss = Definition { name: "ss".into(), suite: "trixie".into(), packages: "charon-systemd,strongswan-swanctl,libcharon-extra-plugins,libstrongswan-extra-plugins,libstrongswan-standard-plugins".split(',').map(String::from).collect(), prepare: vec![], hook: None };
        let (system, ss) = tokio::try_join!(store.obtain(&sysd), store.obtain(&ss))?;
        println!("images {:?}", t.elapsed());
        let (accel, why) = vm::choose(&system.extracted("/boot/vmlinuz")?).await; println!("{accel:?} {why:?} {:?}", t.elapsed());
        let key = ss.key.clone();
        let lab: Arc<dyn Lab> = Arc::new(vm::VmLab::start(Home::create()?, &vm::MachineSpec { accel, system: &system, images: &[ss], program: std::env::current_exe()?, keep: false, kernel_words: vec![] }).await?);
        println!("up {:?} {:?}", t.elapsed(), lab.facts());
        let bed = Testbed::new(lab.clone(), "c1");
        let n = |a: &str| a.parse().unwrap();
        for l in ["wan", "left", "right"] { bed.add_link(LinkSpec { name: l.into() }).await?; }
        println!("links {:?}", t.elapsed());
        for (r, lan, w, l, h, o, ow) in [("moon","left","198.51.100.1/24","203.0.113.1/26","203.0.113.10/26","203.0.113.64/26","198.51.100.2"),("sun","right","198.51.100.2/24","203.0.113.65/26","203.0.113.70/26","203.0.113.0/26","198.51.100.1")] {
            bed.add_node(NodeSpec { name: r.into(), image: Some(key.clone()), interfaces: vec![Interface { link: "wan".into(), addresses: vec![n(w)] }, Interface { link: lan.into(), addresses: vec![n(l)] }], routes: vec![Route { to: n(o), via: ow.parse().unwrap() }], forwarding: true }).await?;
            println!("{r} {:?}", t.elapsed());
            bed.add_node(NodeSpec { name: format!("{r}h"), image: None, interfaces: vec![Interface { link: lan.into(), addresses: vec![n(h)] }], routes: vec![Route { to: n("0.0.0.0/0"), via: l.split('/').next().unwrap().parse().unwrap() }], forwarding: false }).await?;
            println!("{r}h {:?}", t.elapsed());
        }
        bed.start_capture("wan", 1<<20).await?;
        println!("cap {:?}", t.elapsed());
        let p = || Probe { from: "moonh".into(), to: "sunh".into(), source: "203.0.113.10".parse().unwrap(), destination: "203.0.113.70".parse().unwrap(), payloads: vec![b"aaa".to_vec(), b"bbb".to_vec()], millis: 1000 };
        println!("{:?} {:?}", bed.probe(p()).await?, t.elapsed());
        println!("{:?} {:?}", bed.exec("moon", &["ip".into(), "a".into()], 1000).await.map(|o| String::from_utf8_lossy(&o.text).into_owned()), t.elapsed());
        println!("{:?} {:?}", bed.exec("moon", &["cat".into(), "/proc/self/status".into()], 1000).await.map(|o| String::from_utf8_lossy(&o.text).lines().filter(|l| l.contains("Cap")||l.contains("pid")).map(String::from).collect::<Vec<_>>()), t.elapsed());
        println!("sas {:?} {:?}", bed.kernel_sas("moon").await?, t.elapsed());
        bed.block("wan", vec![Blocked::Udp]).await?;
        println!("block {:?} {:?}", bed.probe(p()).await?, t.elapsed());
        bed.block("wan", vec![]).await?;
        println!("unblock {:?} {:?}", bed.probe(p()).await?, t.elapsed());
        bed.bypass("moon", (n("203.0.113.0/26"), n("203.0.113.64/26"))).await?;
        bed.put("moon", "/etc/x/y/z", 0o600, b"hello".to_vec()).await?;
        println!("{:?}", bed.read("moon", "/etc/x/y/z", 3).await?);
        bed.spawn("moon", "d", &["sleep".into(), "1000".into()]).await?;
        println!("{:?}", bed.process("moon", "d").await?);
        println!("{:?} {:?}", bed.wait("moon", "d", Condition::Path("/nope".into()), 100).await?, t.elapsed());
        bed.kill("moon", "d").await?;
        println!("{:?}", bed.process("moon", "d").await?);
        let c = bed.stop_capture("wan").await?; std::fs::write("/tmp/c.pcapng", &c.pcapng)?;
        println!("cap {} {:?}", c.packets, t.elapsed());
        bed.start_capture("wan", 1<<20).await?; bed.fail_capture("wan").await?;
        println!("{:?}", bed.stop_capture("wan").await.map(|c| c.packets));
        println!("closing {:?}", t.elapsed());
        bed.close().await?;
        println!("closed {:?}", t.elapsed());
        lab.close().await?;
        println!("closed {:?}", t.elapsed());
        anyhow::Ok(())
    })
}
