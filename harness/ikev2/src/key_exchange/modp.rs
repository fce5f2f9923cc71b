//! Arithmetic of the MODP groups of RFC 3526.

use std::sync::LazyLock;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd, Resize as _};

use crate::algorithm::DhGroup;

/// A prime p of which (p - 1) / 2 is prime, too; the generator is 2.
pub(super) struct Group {
    bits: u32,
    prime: BoxedUint,
    params: BoxedMontyParams,
}

impl Group {
    /// `None` for a group of another kind.
    pub(super) fn of(group: DhGroup) -> Option<&'static Self> {
        match group {
            DhGroup::Modp2048 => Some(&MODP_2048),
            DhGroup::Modp3072 => Some(&MODP_3072),
            DhGroup::Modp4096 => Some(&MODP_4096),
            DhGroup::Ecp256 | DhGroup::Ecp384 | DhGroup::Ecp521 | DhGroup::Curve25519 => None,
        }
    }

    fn new(bits: u32, digits: &str) -> Self {
        const PRIME: &str = "the digits are those of an odd number of so many bits";
        let prime = BoxedUint::from_be_hex(digits, bits);
        let prime = prime.into_option().expect(PRIME);
        let odd = Odd::new(prime.clone()).into_option().expect(PRIME);
        Self {
            bits,
            prime,
            params: BoxedMontyParams::new_vartime(odd),
        }
    }

    pub(super) fn power_of_generator(&self, exponent: &[u8]) -> Vec<u8> {
        self.raise(BoxedUint::from(2_u8).resize(self.bits), exponent)
    }

    /// `None` unless 1 < base < p - 1 (RFC 6989, section 2.1).
    pub(super) fn power(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
        let base = BoxedUint::from_be_slice(base, self.bits).ok()?;
        let one = BoxedUint::one_with_precision(self.bits);
        let last = self.prime.wrapping_sub(&one);
        (one < base && base < last).then(|| self.raise(base, exponent))
    }

    /// In as many octets as the prime has, zeros first (RFC 7296, section 3.4).
    fn raise(&self, base: BoxedUint, exponent: &[u8]) -> Vec<u8> {
        let bits = u32::try_from(8 * exponent.len()).expect("an exponent is short");
        let exponent = BoxedUint::from_be_slice(exponent, bits).expect("its length was asked for");
        let power = BoxedMontyForm::new(base, &self.params).pow(&exponent);
        power.retrieve().to_be_bytes().into_vec()
    }
}

static MODP_2048: LazyLock<Group> = LazyLock::new(|| Group::new(2048, PRIME_2048));
static MODP_3072: LazyLock<Group> = LazyLock::new(|| Group::new(3072, PRIME_3072));
static MODP_4096: LazyLock<Group> = LazyLock::new(|| Group::new(4096, PRIME_4096));

const PRIME_2048: &str = "\
    ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22\
    514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6\
    f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3d\
    c2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb\
    9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e8603\
    9b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
    15728e5a8aacaa68ffffffffffffffff";

const PRIME_3072: &str = "\
    ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22\
    514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6\
    f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3d\
    c2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb\
    9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e8603\
    9b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
    15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7d\
    b3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864\
    d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab31\
    43db5bfce0fd108e4b82d120a93ad2caffffffffffffffff";

const PRIME_4096: &str = "\
    ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22\
    514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6\
    f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3d\
    c2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb\
    9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e8603\
    9b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
    15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7d\
    b3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864\
    d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab31\
    43db5bfce0fd108e4b82d120a92108011a723c12a787e6d788719a10bdba5b2699c327186af4e23c\
    1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef92e8efc141fbecaa6287c59474e6bc05d\
    99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127d5b05aa9\
    93b4ea988d8fddc186ffb7dc90a6c08f4df435c934063199ffffffffffffffff";
