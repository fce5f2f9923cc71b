//! What is said to whoever sets up a router that no lab runs, and of such routers.

use std::path::Path;

use reports::text::Text;
use vendors::sheet::Gap;
use vendors::{External, Lan, Way};

use crate::engine::external::Order;
use crate::engine::topology::Site;

/// What the checklist of a router is made of.
pub(crate) struct Checklist<'a> {
    pub(crate) vendor: &'a Text,
    pub(crate) external: &'a External,
    pub(crate) site: Site,
    /// Of the sheet.
    pub(crate) folder: &'a Path,
}

/// What is to be done before the router is looked for.
pub(crate) fn checklist(of: &Checklist<'_>) -> Text {
    let Checklist {
        vendor,
        external,
        site,
        folder,
    } = of;
    let (wan, lan) = (site.own_network(), site.lan_router());
    let (gateway, beyond) = (site.gateway(), site.peer_lan());
    let folder = folder.display();
    let interface = &external.interface;
    let (lan_en, lan_ja) = match &external.lan {
        Lan::Interface(device) => (
            format!("Cable its LAN port to {device}, with the address {lan}."),
            format!("LAN ポートを {device} に接続し、アドレス {lan} を設定する"),
        ),
        Lan::Echo => (
            format!(
                "Give it {lan} on its LAN side (or on a loopback) and have it answer ping there."
            ),
            format!("LAN 側（またはループバック）にアドレス {lan} を設定し、ping に応答させる"),
        ),
    };
    Text::new(
        format!(
            "Checklist for {}:\n\
             1. Cable its WAN port to {interface}, with the address {wan}.\n\
             2. {lan_en}\n\
             3. Route {beyond} to {gateway}.\n\
             4. Set up IKE and ESP as in the sheet. Keys and certificates, for you alone: {folder}\n\
             5. Let no tunnel come up yet.\n",
            vendor.en
        ),
        format!(
            "{} の確認項目:\n\
             1. WAN ポートを {interface} に接続し、アドレス {wan} を設定する\n\
             2. {lan_ja}\n\
             3. {beyond} への経路を {gateway} に向ける\n\
             4. シートのとおり IKE と ESP を設定する。鍵と証明書（所有者のみ読取り可能）: {folder}\n\
             5. まだトンネルを確立させない\n",
            vendor.ja
        ),
    )
}

/// Where a router is, for a list.
pub(crate) fn place(external: &External) -> Text {
    let (interface, lan) = (&external.interface, &external.lan);
    let (by_en, by_ja) = match external.control {
        Way::Manual => ("by hand", "手動操作"),
        Way::Command => ("by commands", "コマンド操作"),
    };
    let (lan_en, lan_ja) = match lan {
        Lan::Interface(device) => (device.clone(), device.clone()),
        Lan::Echo => ("answers ping itself".into(), "ping 応答".into()),
    };
    Text::new(
        format!("WAN {interface}, LAN {lan_en}, {by_en}"),
        format!("WAN {interface}、LAN {lan_ja}、{by_ja}"),
    )
}

/// Below each task: how to answer.
pub(crate) fn question() -> Text {
    Text::new(
        "Done? Press Enter; or type n and Enter if it cannot be done: ",
        "完了したら Enter、実施できない場合は n と Enter を入力してください: ",
    )
}

pub(crate) fn absent(address: &str, interface: &str) -> Text {
    Text::new(
        format!(
            "No router answers at {address} on {interface}. See that it is on, cabled there, and has \
             this address.\n"
        ),
        format!(
            "{interface} 上の {address} にルーターが応答しません。電源、接続、アドレスを確認してください。\n"
        ),
    )
}

pub(crate) fn initiate(vendor: &Text) -> Text {
    Text::new(
        format!(
            "Now have the router of {} bring up the tunnel.\n",
            vendor.en
        ),
        format!(
            "{} のルーターからトンネルの確立を開始してください。\n",
            vendor.ja
        ),
    )
}

pub(crate) fn order(order: Order, vendor: &Text) -> Text {
    let (en, ja) = match order {
        Order::RekeyChild => ("replace the Child SA", "Child SA の鍵更新をして"),
        Order::RekeyIke => ("replace the IKE SA", "IKE SA の鍵更新をして"),
        Order::Terminate => ("take down the tunnel", "トンネルを終了して"),
    };
    Text::new(
        format!("Now have the router of {} {en}.\n", vendor.en),
        format!("{} のルーターで{ja}ください。\n", vendor.ja),
    )
}

/// In place of an observer that cannot speak.
pub(crate) fn closed_control() -> Text {
    Text::new(
        "an external router: nothing here reads what it says of its SAs",
        "外部ルーターのため、SA に関する報告は取得できません",
    )
}

pub(crate) fn closed_kernel() -> Text {
    Text::new(
        "an external router: nobody can look at its SAs; the peer's SAs, the wire and the traffic \
         speak instead",
        "外部ルーターのため SA は参照できません。対向の SA、回線上のパケット、試験通信で判定します",
    )
}

pub(crate) fn two_external() -> Text {
    Text::new(
        "both routers are external: with none of the lab's own in between, nobody sees the SAs of \
         the tunnel",
        "両方とも外部ルーターのため、トンネルの SA を観測できません",
    )
}

pub(crate) fn clock() -> Text {
    Text::new(
        "the case sets the router's clock wrong, and it is an external router",
        "ルーターの時計をずらす試験項目であり、外部ルーターには適用できません",
    )
}

pub(crate) fn raw_configuration() -> Text {
    Text::new(
        "the case writes into the router's own configuration, and it is an external router",
        "ルーターの設定ファイルを直接変更する試験項目であり、外部ルーターには適用できません",
    )
}

pub(crate) fn wan_mtu() -> Text {
    Text::new(
        "the case narrows the wan, and one end of it is an external router's own interface",
        "回線の MTU を変更する試験項目であり、外部ルーターのインターフェースには適用できません",
    )
}

pub(crate) fn inside() -> Text {
    Text::new(
        "the case meddles with what runs inside the router, and it is an external router",
        "ルーター内部を操作する試験項目であり、外部ルーターには適用できません",
    )
}

pub(crate) fn no_command(order: Order) -> Text {
    let name = order.name();
    Text::new(
        format!("the profile has no command for `{name}`, which the case asks of the router"),
        format!("試験項目に必要な `{name}` のコマンドがプロファイルにありません"),
    )
}

/// What keeps a model from being set up for a case.
pub(crate) fn gaps(gaps: &[Gap]) -> Text {
    let join = |of: fn(&Text) -> &str, by: &str| {
        let blocking = gaps.iter().filter(|gap| gap.blocks);
        let all: Vec<&str> = blocking.map(|gap| of(&gap.text)).collect();
        all.join(by)
    };
    Text::new(
        format!(
            "the model cannot be set up for the case: {}",
            join(|text| &text.en, "; ")
        ),
        format!(
            "この機種では設定できません: {}",
            join(|text| &text.ja, "、")
        ),
    )
}
