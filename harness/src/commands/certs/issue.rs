//! `ikematrix certs issue`: a chain of certificates, its keys and its revocation lists.

mod files;
mod words;

use std::path::Path;

use certs::{Authority, Certificate, Holder, Issued, Profile};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use self::files::{Access, Files};
use super::read_password;
use crate::cli::{Common, HolderArguments, Issue};
use crate::commands::print;
use crate::failure::{AS_EXPECTED, Failure};
use crate::project;

/// The file that a password is written to when it was made here.
const PASSWORD: &str = "password.txt";
/// RFC 1035, section 2.3.4, less the root's own label.
const MAX_FQDN: usize = 253;

pub(crate) fn issue(common: &Common, arguments: &Issue) -> Result<u8, Failure> {
    let profiles = project::certificate_profiles(common.project.as_deref())?;
    let profile = profiles.get(&arguments.profile)?;
    let password = match &arguments.password_file {
        Some(file) => given_password(file)?,
        None => make_password()?,
    };
    let authority = Authority::new(Timestamp::now());
    let fqdn = &arguments.holder.fqdn;
    if fqdn.is_empty() || fqdn.len() > MAX_FQDN {
        return Err(Failure::input(format!(
            "--fqdn has {} octets; a name has 1 to {MAX_FQDN}",
            fqdn.len()
        )));
    }
    let issued = authority.issue(profile, &holder(&arguments.holder))?;
    let files = gather(&authority, profile, &issued, arguments, &password)?;
    files.write(&arguments.out, arguments.force)?;
    let chain = chain(&issued);
    print(&words::report(
        profile,
        &chain,
        &files,
        &arguments.out,
        common.lang(),
    ));
    Ok(AS_EXPECTED)
}

fn holder(arguments: &HolderArguments) -> Holder {
    Holder {
        fqdn: arguments.fqdn.clone(),
        email: arguments.email.clone(),
        ipv4: arguments.ipv4,
        vendor: arguments.vendor.clone(),
        facility_number: arguments.facility_number.clone(),
    }
}

/// The issued certificate first, its anchor last.
fn chain(issued: &Issued) -> Vec<&Certificate> {
    let above = issued
        .intermediates
        .iter()
        .chain(&issued.anchor)
        .map(AsRef::as_ref);
    std::iter::once(&issued.certificate).chain(above).collect()
}

fn gather(
    authority: &Authority,
    profile: &Profile,
    issued: &Issued,
    arguments: &Issue,
    password: &str,
) -> Result<Files, Failure> {
    let mut files = Files::default();
    for certificate in chain(issued) {
        let name = certificate.name();
        files.add(format!("{name}.pem"), certificate.pem()?, Access::All);
        files.add(format!("{name}.der"), certificate.der(), Access::All);
    }
    // A profile may have anchors beside the chain, for a peer that shall not trust it.
    for anchor in authority.trust_anchors(profile)? {
        if issued.anchor.as_ref() != Some(&anchor) {
            files.add(format!("{}.pem", anchor.name()), anchor.pem()?, Access::All);
            files.add(format!("{}.der", anchor.name()), anchor.der(), Access::All);
        }
    }
    let name = issued.certificate.name();
    let key = issued.key.pkcs8_pem()?;
    files.add(format!("{name}.key.pem"), key.as_bytes(), Access::Owner);
    let pkcs12 = issued.pkcs12(name, password, true)?;
    files.add(format!("{name}.p12"), pkcs12, Access::Owner);
    if arguments.password_file.is_none() {
        files.add(PASSWORD.to_owned(), format!("{password}\n"), Access::Owner);
    }
    let revoked: &[&Issued] = if arguments.revoke { &[issued] } else { &[] };
    for list in authority.crls(profile, revoked)? {
        files.add(format!("{}.crl.pem", list.name()), list.pem()?, Access::All);
        files.add(format!("{}.crl", list.name()), list.der(), Access::All);
    }
    Ok(files)
}

/// A password that protects something.
fn given_password(file: &Path) -> Result<String, Failure> {
    let password = read_password(file)?;
    if password.is_empty() {
        return Err(Failure::input(format!(
            "{}: the first line is empty; write the password there",
            file.display()
        )));
    }
    Ok(password)
}

/// 100 bits in letters and digits that are not mistaken for one another.
fn make_password() -> Result<String, Failure> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut octets = [0; 20];
    SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| Failure::lab("the system gave no random numbers"))?;
    // The remainder is less than the length.
    Ok(octets
        .iter()
        .map(|octet| char::from(LETTERS[usize::from(octet % 32)]))
        .collect())
}
