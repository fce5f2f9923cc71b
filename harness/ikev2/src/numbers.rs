//! The numbers of IKEv2 and their names, from the IANA registry "Internet Key Exchange Version 2
//! (IKEv2) Parameters".
//!
//! Every kind of number is a type of its own around the integer of the wire, so that a number
//! without a name is kept as it came. `name()` is the registry's name, if it has one; `Display`
//! writes the name, or the kind and the number.

mod transforms;

pub use transforms::{
    EncryptionId, IntegrityId, KeyExchangeId, PrfId, SequenceNumbersId, TransformType,
    transform_name,
};

/// Defines one kind of number from a table of constant, number and name.
macro_rules! numbers {
    (
        $(#[$doc:meta])*
        $kind:ident($int:ty), $word:literal, {
            $($constant:ident = $number:literal => $name:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $kind(pub $int);

        impl $kind {
            $(
                #[doc = concat!("`", $name, "`, number ", stringify!($number), ".")]
                pub const $constant: Self = Self($number);
            )*

            /// Every number that has a name here, in ascending order.
            pub const NAMED: &'static [Self] = &[$(Self::$constant,)*];

            /// The name in the registry; `None` for a number that has none here.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!($word, " {}"), self.0),
                }
            }
        }
    };
}
pub(crate) use numbers;

numbers! {
    /// What a message is exchanged for (RFC 7296, section 3.1).
    ExchangeType(u8), "exchange type", {
        IKE_SA_INIT = 34 => "IKE_SA_INIT",
        IKE_AUTH = 35 => "IKE_AUTH",
        CREATE_CHILD_SA = 36 => "CREATE_CHILD_SA",
        INFORMATIONAL = 37 => "INFORMATIONAL",
        IKE_SESSION_RESUME = 38 => "IKE_SESSION_RESUME",
        GSA_AUTH = 39 => "GSA_AUTH",
        GSA_REGISTRATION = 40 => "GSA_REGISTRATION",
        GSA_REKEY = 41 => "GSA_REKEY",
        GSA_INBAND_REKEY = 42 => "GSA_INBAND_REKEY",
        IKE_INTERMEDIATE = 43 => "IKE_INTERMEDIATE",
        IKE_FOLLOWUP_KE = 44 => "IKE_FOLLOWUP_KE",
    }
}

numbers! {
    /// The exchange type of a message of IKEv1 (RFC 2408, section 3.1; RFC 2409), for saying what
    /// a peer sent that does not speak IKEv2.
    V1ExchangeType(u8), "IKEv1 exchange type", {
        BASE = 1 => "Base",
        IDENTITY_PROTECTION = 2 => "Identity Protection (Main Mode)",
        AUTHENTICATION_ONLY = 3 => "Authentication Only",
        AGGRESSIVE = 4 => "Aggressive",
        INFORMATIONAL = 5 => "Informational",
        TRANSACTION = 6 => "Transaction",
        QUICK_MODE = 32 => "Quick Mode",
        NEW_GROUP_MODE = 33 => "New Group Mode",
    }
}

numbers! {
    /// What a payload holds (RFC 7296, section 3.2); 0 ends the chain.
    PayloadType(u8), "payload type", {
        NONE = 0 => "No Next Payload",
        SA = 33 => "SA",
        KE = 34 => "KE",
        IDI = 35 => "IDi",
        IDR = 36 => "IDr",
        CERT = 37 => "CERT",
        CERTREQ = 38 => "CERTREQ",
        AUTH = 39 => "AUTH",
        NONCE = 40 => "Nonce",
        NOTIFY = 41 => "N",
        DELETE = 42 => "D",
        VENDOR_ID = 43 => "V",
        TSI = 44 => "TSi",
        TSR = 45 => "TSr",
        SK = 46 => "SK",
        CP = 47 => "CP",
        EAP = 48 => "EAP",
        GSPM = 49 => "GSPM",
        IDG = 50 => "IDg",
        GSA = 51 => "GSA",
        KD = 52 => "KD",
        SKF = 53 => "SKF",
        PS = 54 => "PS",
    }
}

numbers! {
    /// Whose security association is meant (RFC 7296, section 3.3.1); 0 where none is.
    Protocol(u8), "protocol", {
        NONE = 0 => "none",
        IKE = 1 => "IKE",
        AH = 2 => "AH",
        ESP = 3 => "ESP",
        FC_ESP_HEADER = 4 => "FC_ESP_HEADER",
        FC_CT_AUTHENTICATION = 5 => "FC_CT_AUTHENTICATION",
        GIKE_UPDATE = 6 => "GIKE_UPDATE",
    }
}

numbers! {
    /// What a transform's attribute says (RFC 7296, section 3.3.5), without the format bit.
    AttributeType(u16), "attribute type", {
        KEY_LENGTH = 14 => "Key Length",
    }
}

numbers! {
    /// How an end proves its identity (RFC 7296, section 3.8).
    AuthMethod(u8), "authentication method", {
        RSA_SIGNATURE = 1 => "RSA Digital Signature",
        SHARED_KEY = 2 => "Shared Key Message Integrity Code",
        DSS_SIGNATURE = 3 => "DSS Digital Signature",
        ECDSA_SHA256_P256 = 9 => "ECDSA with SHA-256 on the P-256 curve",
        ECDSA_SHA384_P384 = 10 => "ECDSA with SHA-384 on the P-384 curve",
        ECDSA_SHA512_P521 = 11 => "ECDSA with SHA-512 on the P-521 curve",
        SECURE_PASSWORD = 12 => "Generic Secure Password Authentication Method",
        NULL = 13 => "NULL Authentication",
        DIGITAL_SIGNATURE = 14 => "Digital Signature",
    }
}

numbers! {
    /// A hash that an end accepts in signatures (RFC 7427, section 4; RFC 8420, section 2).
    HashAlgorithm(u16), "hash algorithm", {
        SHA1 = 1 => "SHA1",
        SHA2_256 = 2 => "SHA2-256",
        SHA2_384 = 3 => "SHA2-384",
        SHA2_512 = 4 => "SHA2-512",
        IDENTITY = 5 => "Identity",
        STREEBOG_256 = 6 => "STREEBOG_256",
        STREEBOG_512 = 7 => "STREEBOG_512",
    }
}

numbers! {
    /// The form of an identity (RFC 7296, section 3.5).
    IdType(u8), "identification type", {
        IPV4_ADDR = 1 => "ID_IPV4_ADDR",
        FQDN = 2 => "ID_FQDN",
        RFC822_ADDR = 3 => "ID_RFC822_ADDR",
        IPV6_ADDR = 5 => "ID_IPV6_ADDR",
        DER_ASN1_DN = 9 => "ID_DER_ASN1_DN",
        DER_ASN1_GN = 10 => "ID_DER_ASN1_GN",
        KEY_ID = 11 => "ID_KEY_ID",
        FC_NAME = 12 => "ID_FC_NAME",
        NULL = 13 => "ID_NULL",
    }
}

numbers! {
    /// The form of a certificate, or of something like one (RFC 7296, section 3.6).
    CertEncoding(u8), "certificate encoding", {
        PKCS7_X509 = 1 => "PKCS #7 wrapped X.509 certificate",
        PGP = 2 => "PGP Certificate",
        DNS_SIGNED_KEY = 3 => "DNS Signed Key",
        X509_SIGNATURE = 4 => "X.509 Certificate - Signature",
        KERBEROS_TOKEN = 6 => "Kerberos Token",
        CRL = 7 => "Certificate Revocation List (CRL)",
        ARL = 8 => "Authority Revocation List (ARL)",
        SPKI = 9 => "SPKI Certificate",
        X509_ATTRIBUTE = 10 => "X.509 Certificate - Attribute",
        RAW_RSA_KEY = 11 => "Raw RSA Key",
        HASH_URL_X509 = 12 => "Hash and URL of X.509 certificate",
        HASH_URL_BUNDLE = 13 => "Hash and URL of X.509 bundle",
        OCSP = 14 => "OCSP Content",
        RAW_PUBLIC_KEY = 15 => "Raw Public Key",
    }
}

numbers! {
    /// The form of a traffic selector (RFC 7296, section 3.13.1).
    TsType(u8), "traffic selector type", {
        IPV4_ADDR_RANGE = 7 => "TS_IPV4_ADDR_RANGE",
        IPV6_ADDR_RANGE = 8 => "TS_IPV6_ADDR_RANGE",
        FC_ADDR_RANGE = 9 => "TS_FC_ADDR_RANGE",
        SECLABEL = 10 => "TS_SECLABEL",
    }
}

numbers! {
    /// What a Configuration payload does (RFC 7296, section 3.15).
    CfgType(u8), "configuration type", {
        REQUEST = 1 => "CFG_REQUEST",
        REPLY = 2 => "CFG_REPLY",
        SET = 3 => "CFG_SET",
        ACK = 4 => "CFG_ACK",
    }
}

numbers! {
    /// What a configuration attribute holds (RFC 7296, section 3.15.1), without the reserved bit.
    CfgAttributeType(u16), "configuration attribute", {
        INTERNAL_IP4_ADDRESS = 1 => "INTERNAL_IP4_ADDRESS",
        INTERNAL_IP4_NETMASK = 2 => "INTERNAL_IP4_NETMASK",
        INTERNAL_IP4_DNS = 3 => "INTERNAL_IP4_DNS",
        INTERNAL_IP4_NBNS = 4 => "INTERNAL_IP4_NBNS",
        INTERNAL_IP4_DHCP = 6 => "INTERNAL_IP4_DHCP",
        APPLICATION_VERSION = 7 => "APPLICATION_VERSION",
        INTERNAL_IP6_ADDRESS = 8 => "INTERNAL_IP6_ADDRESS",
        INTERNAL_IP6_DNS = 10 => "INTERNAL_IP6_DNS",
        INTERNAL_IP6_DHCP = 12 => "INTERNAL_IP6_DHCP",
        INTERNAL_IP4_SUBNET = 13 => "INTERNAL_IP4_SUBNET",
        SUPPORTED_ATTRIBUTES = 14 => "SUPPORTED_ATTRIBUTES",
        INTERNAL_IP6_SUBNET = 15 => "INTERNAL_IP6_SUBNET",
        MIP6_HOME_PREFIX = 16 => "MIP6_HOME_PREFIX",
        INTERNAL_IP6_LINK = 17 => "INTERNAL_IP6_LINK",
        INTERNAL_IP6_PREFIX = 18 => "INTERNAL_IP6_PREFIX",
        HOME_AGENT_ADDRESS = 19 => "HOME_AGENT_ADDRESS",
        P_CSCF_IP4_ADDRESS = 20 => "P_CSCF_IP4_ADDRESS",
        P_CSCF_IP6_ADDRESS = 21 => "P_CSCF_IP6_ADDRESS",
        FTT_KAT = 22 => "FTT_KAT",
        EXTERNAL_SOURCE_IP4_NAT_INFO = 23 => "EXTERNAL_SOURCE_IP4_NAT_INFO",
        TIMEOUT_PERIOD_FOR_LIVENESS_CHECK = 24 => "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK",
        INTERNAL_DNS_DOMAIN = 25 => "INTERNAL_DNS_DOMAIN",
        INTERNAL_DNSSEC_TA = 26 => "INTERNAL_DNSSEC_TA",
        ENCDNS_IP4 = 27 => "ENCDNS_IP4",
        ENCDNS_IP6 = 28 => "ENCDNS_IP6",
        ENCDNS_DIGEST_INFO = 29 => "ENCDNS_DIGEST_INFO",
    }
}

numbers! {
    /// What an EAP packet is (RFC 3748, section 4).
    EapCode(u8), "EAP code", {
        REQUEST = 1 => "Request",
        RESPONSE = 2 => "Response",
        SUCCESS = 3 => "Success",
        FAILURE = 4 => "Failure",
    }
}

numbers! {
    /// The method that an EAP request or response belongs to (RFC 3748, section 5).
    EapType(u8), "EAP type", {
        IDENTITY = 1 => "Identity",
        NOTIFICATION = 2 => "Notification",
        NAK = 3 => "Legacy Nak",
        MD5_CHALLENGE = 4 => "MD5-Challenge",
        OTP = 5 => "One-Time Password",
        GTC = 6 => "Generic Token Card",
        TLS = 13 => "EAP-TLS",
        SIM = 18 => "EAP-SIM",
        TTLS = 21 => "EAP-TTLS",
        AKA = 23 => "EAP-AKA",
        PEAP = 25 => "PEAP",
        MSCHAPV2 = 26 => "EAP-MSCHAPv2",
        AKA_PRIME = 50 => "EAP-AKA'",
        EXPANDED = 254 => "Expanded Types",
    }
}

numbers! {
    /// What a Notify payload tells (RFC 7296, section 3.10.1). Below 16384 it is an error.
    NotifyType(u16), "notify type", {
        UNSUPPORTED_CRITICAL_PAYLOAD = 1 => "UNSUPPORTED_CRITICAL_PAYLOAD",
        INVALID_IKE_SPI = 4 => "INVALID_IKE_SPI",
        INVALID_MAJOR_VERSION = 5 => "INVALID_MAJOR_VERSION",
        INVALID_SYNTAX = 7 => "INVALID_SYNTAX",
        INVALID_MESSAGE_ID = 9 => "INVALID_MESSAGE_ID",
        INVALID_SPI = 11 => "INVALID_SPI",
        NO_PROPOSAL_CHOSEN = 14 => "NO_PROPOSAL_CHOSEN",
        INVALID_KE_PAYLOAD = 17 => "INVALID_KE_PAYLOAD",
        AUTHENTICATION_FAILED = 24 => "AUTHENTICATION_FAILED",
        SINGLE_PAIR_REQUIRED = 34 => "SINGLE_PAIR_REQUIRED",
        NO_ADDITIONAL_SAS = 35 => "NO_ADDITIONAL_SAS",
        INTERNAL_ADDRESS_FAILURE = 36 => "INTERNAL_ADDRESS_FAILURE",
        FAILED_CP_REQUIRED = 37 => "FAILED_CP_REQUIRED",
        TS_UNACCEPTABLE = 38 => "TS_UNACCEPTABLE",
        INVALID_SELECTORS = 39 => "INVALID_SELECTORS",
        UNACCEPTABLE_ADDRESSES = 40 => "UNACCEPTABLE_ADDRESSES",
        UNEXPECTED_NAT_DETECTED = 41 => "UNEXPECTED_NAT_DETECTED",
        USE_ASSIGNED_HOA = 42 => "USE_ASSIGNED_HoA",
        TEMPORARY_FAILURE = 43 => "TEMPORARY_FAILURE",
        CHILD_SA_NOT_FOUND = 44 => "CHILD_SA_NOT_FOUND",
        INVALID_GROUP_ID = 45 => "INVALID_GROUP_ID",
        AUTHORIZATION_FAILED = 46 => "AUTHORIZATION_FAILED",
        STATE_NOT_FOUND = 47 => "STATE_NOT_FOUND",
        TS_MAX_QUEUE = 48 => "TS_MAX_QUEUE",
        INITIAL_CONTACT = 16384 => "INITIAL_CONTACT",
        SET_WINDOW_SIZE = 16385 => "SET_WINDOW_SIZE",
        ADDITIONAL_TS_POSSIBLE = 16386 => "ADDITIONAL_TS_POSSIBLE",
        IPCOMP_SUPPORTED = 16387 => "IPCOMP_SUPPORTED",
        NAT_DETECTION_SOURCE_IP = 16388 => "NAT_DETECTION_SOURCE_IP",
        NAT_DETECTION_DESTINATION_IP = 16389 => "NAT_DETECTION_DESTINATION_IP",
        COOKIE = 16390 => "COOKIE",
        USE_TRANSPORT_MODE = 16391 => "USE_TRANSPORT_MODE",
        HTTP_CERT_LOOKUP_SUPPORTED = 16392 => "HTTP_CERT_LOOKUP_SUPPORTED",
        REKEY_SA = 16393 => "REKEY_SA",
        ESP_TFC_PADDING_NOT_SUPPORTED = 16394 => "ESP_TFC_PADDING_NOT_SUPPORTED",
        NON_FIRST_FRAGMENTS_ALSO = 16395 => "NON_FIRST_FRAGMENTS_ALSO",
        MOBIKE_SUPPORTED = 16396 => "MOBIKE_SUPPORTED",
        ADDITIONAL_IP4_ADDRESS = 16397 => "ADDITIONAL_IP4_ADDRESS",
        ADDITIONAL_IP6_ADDRESS = 16398 => "ADDITIONAL_IP6_ADDRESS",
        NO_ADDITIONAL_ADDRESSES = 16399 => "NO_ADDITIONAL_ADDRESSES",
        UPDATE_SA_ADDRESSES = 16400 => "UPDATE_SA_ADDRESSES",
        COOKIE2 = 16401 => "COOKIE2",
        NO_NATS_ALLOWED = 16402 => "NO_NATS_ALLOWED",
        AUTH_LIFETIME = 16403 => "AUTH_LIFETIME",
        MULTIPLE_AUTH_SUPPORTED = 16404 => "MULTIPLE_AUTH_SUPPORTED",
        ANOTHER_AUTH_FOLLOWS = 16405 => "ANOTHER_AUTH_FOLLOWS",
        REDIRECT_SUPPORTED = 16406 => "REDIRECT_SUPPORTED",
        REDIRECT = 16407 => "REDIRECT",
        REDIRECTED_FROM = 16408 => "REDIRECTED_FROM",
        TICKET_LT_OPAQUE = 16409 => "TICKET_LT_OPAQUE",
        TICKET_REQUEST = 16410 => "TICKET_REQUEST",
        TICKET_ACK = 16411 => "TICKET_ACK",
        TICKET_NACK = 16412 => "TICKET_NACK",
        TICKET_OPAQUE = 16413 => "TICKET_OPAQUE",
        LINK_ID = 16414 => "LINK_ID",
        USE_WESP_MODE = 16415 => "USE_WESP_MODE",
        ROHC_SUPPORTED = 16416 => "ROHC_SUPPORTED",
        EAP_ONLY_AUTHENTICATION = 16417 => "EAP_ONLY_AUTHENTICATION",
        CHILDLESS_IKEV2_SUPPORTED = 16418 => "CHILDLESS_IKEV2_SUPPORTED",
        QUICK_CRASH_DETECTION = 16419 => "QUICK_CRASH_DETECTION",
        IKEV2_MESSAGE_ID_SYNC_SUPPORTED = 16420 => "IKEV2_MESSAGE_ID_SYNC_SUPPORTED",
        IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED = 16421 => "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED",
        IKEV2_MESSAGE_ID_SYNC = 16422 => "IKEV2_MESSAGE_ID_SYNC",
        IPSEC_REPLAY_COUNTER_SYNC = 16423 => "IPSEC_REPLAY_COUNTER_SYNC",
        SECURE_PASSWORD_METHODS = 16424 => "SECURE_PASSWORD_METHODS",
        PSK_PERSIST = 16425 => "PSK_PERSIST",
        PSK_CONFIRM = 16426 => "PSK_CONFIRM",
        ERX_SUPPORTED = 16427 => "ERX_SUPPORTED",
        IFOM_CAPABILITY = 16428 => "IFOM_CAPABILITY",
        SENDER_REQUEST_ID = 16429 => "SENDER_REQUEST_ID",
        IKEV2_FRAGMENTATION_SUPPORTED = 16430 => "IKEV2_FRAGMENTATION_SUPPORTED",
        SIGNATURE_HASH_ALGORITHMS = 16431 => "SIGNATURE_HASH_ALGORITHMS",
        CLONE_IKE_SA_SUPPORTED = 16432 => "CLONE_IKE_SA_SUPPORTED",
        CLONE_IKE_SA = 16433 => "CLONE_IKE_SA",
        PUZZLE = 16434 => "PUZZLE",
        USE_PPK = 16435 => "USE_PPK",
        PPK_IDENTITY = 16436 => "PPK_IDENTITY",
        NO_PPK_AUTH = 16437 => "NO_PPK_AUTH",
        INTERMEDIATE_EXCHANGE_SUPPORTED = 16438 => "INTERMEDIATE_EXCHANGE_SUPPORTED",
        IP4_ALLOWED = 16439 => "IP4_ALLOWED",
        IP6_ALLOWED = 16440 => "IP6_ALLOWED",
        ADDITIONAL_KEY_EXCHANGE = 16441 => "ADDITIONAL_KEY_EXCHANGE",
        USE_AGGFRAG = 16442 => "USE_AGGFRAG",
        SUPPORTED_AUTH_METHODS = 16443 => "SUPPORTED_AUTH_METHODS",
        SA_RESOURCE_INFO = 16444 => "SA_RESOURCE_INFO",
    }
}

impl NotifyType {
    /// Whether it reports an error; the others report status (RFC 7296, section 3.10.1).
    pub fn is_error(self) -> bool {
        self.0 < 16384
    }

    /// Whether the number is left to agreements between vendors (RFC 7296, section 3.10.1).
    pub fn is_private_use(self) -> bool {
        matches!(self.0, 8192..=16383 | 40960..)
    }
}
