//! Vectors of the primitives.

use super::*;
use crate::algorithm::{Prf, Transform as _};
use crate::hex::hex;
use crate::schedule::prf;

/// RFC 3602, section 4, cases 1 and 2; NIST SP 800-38A, sections F.2.3 and F.2.5, block 1.
#[test]
fn cbc_mode_meets_the_vectors_of_rfc_3602_and_nist() {
    let counted: Vec<u8> = (0..32).collect();
    let block = hex("6bc1bee22e409f96e93d7e117393172a");
    for (encryption, key, iv, plaintext, ciphertext) in [
        (
            Encryption::AesCbc128,
            "06a9214036b8a15b512e03d534120006",
            "3dafba429d9eb430b422da802c9fac41",
            b"Single block msg".to_vec(),
            "e353779c1079aeb82708942dbe77181a",
        ),
        (
            Encryption::AesCbc128,
            "c286696d887c9aa0611bbb3e2025a45a",
            "562e17996d093d28ddb3ba695a2e6f58",
            counted,
            "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
        ),
        (
            Encryption::AesCbc192,
            "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
            "000102030405060708090a0b0c0d0e0f",
            block.clone(),
            "4f021db243bc633d7178183a9fa071e8",
        ),
        (
            Encryption::AesCbc256,
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "000102030405060708090a0b0c0d0e0f",
            block,
            "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
        ),
    ] {
        let (key, iv) = (hex(key), hex(iv));
        let mut buffer = plaintext.clone();
        encrypt(encryption, &key, &[], &iv, &mut buffer);
        assert_eq!(buffer, hex(ciphertext));
        decrypt(encryption, &key, &[], &iv, &mut buffer);
        assert_eq!(buffer, plaintext);
    }
}

/// "The Galois/Counter Mode of Operation" of McGrew and Viega, appendix B, cases 4, 10 and 16.
#[test]
fn gcm_meets_the_vectors_of_its_authors() {
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let (salt, iv) = (hex("cafebabe"), hex("facedbaddecaf888"));
    let associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    for (encryption, octets, ciphertext, tag) in [
        (
            Encryption::AesGcm16Bits128,
            16,
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
             21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
            "5bc94fbc3221a5db94fae95ae7121a47",
        ),
        (
            Encryption::AesGcm16Bits192,
            24,
            "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c
             7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
            "2519498e80f1478f37ba55bd6d27618c",
        ),
        (
            Encryption::AesGcm16Bits256,
            32,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ),
    ] {
        let key = &key[..octets];
        let sealed = aead_seal(encryption, key, &salt, &iv, &associated, &plaintext);
        assert_eq!(sealed, [hex(ciphertext), hex(tag)].concat());
        let opened = aead_open(encryption, key, &salt, &iv, &associated, &sealed);
        assert_eq!(opened.as_ref(), Some(&plaintext));
    }
}

/// RFC 2202, section 3, case 5; RFC 4868, section 2.7.2, the first case of each hash.
#[test]
fn checksums_meet_the_vectors_of_rfc_2202_and_rfc_4868() {
    for (integrity, key, covered, expected) in [
        (
            Integrity::HmacSha1Bits96,
            vec![0x0c; 20],
            "Test With Truncation",
            "4c1a03424b55e07fe7f27be1",
        ),
        (
            Integrity::HmacSha2Bits256Of128,
            vec![0x0b; 32],
            "Hi There",
            "198a607eb44bfbc69903a0f1cf2bbdc5",
        ),
        (
            Integrity::HmacSha2Bits384Of192,
            vec![0x0b; 48],
            "Hi There",
            "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973",
        ),
        (
            Integrity::HmacSha2Bits512Of256,
            vec![0x0b; 64],
            "Hi There",
            "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8",
        ),
    ] {
        let truth = checksum(integrity, &key, covered.as_bytes());
        assert_eq!(truth, hex(expected), "{integrity}");
        assert!(verify(integrity, &key, covered.as_bytes(), &truth));
    }
}

/// RFC 2202, section 3, case 1; RFC 4231, section 4.2.
#[test]
fn pseudorandom_functions_meet_the_vectors_of_rfc_2202_and_rfc_4231() {
    let expected = [
        "b617318655057264e28bc0b6fb378c8ef146be00",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c
         faea9ea9076ede7f4af152e8b2fa9cb6",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde
         daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    ];
    for (function, expected) in Prf::ALL.iter().zip(expected) {
        let key = prf(*function, &[0x0b; 20], &[b"Hi ", b"There"]);
        assert_eq!(key.as_bytes(), hex(expected), "{function}");
    }
}
