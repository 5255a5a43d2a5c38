//! Keys by which signatures are checked.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm};
use thiserror::Error;

/// How a bundle is signed (RFC 7518, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlg {
    /// RSA with SHA-256.
    Rs256,
    /// The curve P-256 with SHA-256.
    Es256,
    /// A shared secret with SHA-256.
    Hs256,
}

impl SigningAlg {
    /// Returns the name in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            SigningAlg::Rs256 => "RS256",
            SigningAlg::Es256 => "ES256",
            SigningAlg::Hs256 => "HS256",
        }
    }
}

/// Why a text is no key for an algorithm. Never holds the text, which may be a secret.
#[derive(Debug, Error)]
#[error("the verification key {why}\nhelp: {help}")]
pub struct KeyError {
    why: String,
    help: &'static str,
}

/// A key by which signatures are checked. It is never printed.
#[derive(Clone)]
pub struct VerificationKey {
    alg: SigningAlg,
    /// RS256: an `RSAPublicKey` (RFC 8017, A.1.1); ES256: an uncompressed point; HS256: the secret.
    bytes: Vec<u8>,
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

impl VerificationKey {
    /// Returns the key for `alg` of a text: PEM with a public key for RS256 and ES256, the secret itself for HS256.
    ///
    /// # Errors
    ///
    /// When the text holds no such key, an RSA key has not 2048 to 8192 bits, or a secret is empty or a key in PEM: a public
    /// key is known to everybody.
    pub fn new(alg: SigningAlg, text: &[u8]) -> Result<VerificationKey, KeyError> {
        let bytes = match alg {
            SigningAlg::Hs256 => secret(text)?,
            SigningAlg::Rs256 => rsa(&Pem::of(text, alg)?)?,
            SigningAlg::Es256 => point(&Pem::of(text, alg)?)?,
        };
        Ok(VerificationKey { alg, bytes })
    }

    /// Returns the algorithm that it is for.
    pub fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Returns whether `signature` was made over `message` with this key.
    pub(super) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        let by = |algorithm: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, &self.bytes)
                .verify(message, signature)
                .is_ok()
        };
        match self.alg {
            SigningAlg::Rs256 => by(&RSA_PKCS1_2048_8192_SHA256),
            SigningAlg::Es256 => by(&ECDSA_P256_SHA256_FIXED),
            SigningAlg::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
                hmac::verify(&key, message, signature).is_ok()
            }
        }
    }
}

fn secret(text: &[u8]) -> Result<Vec<u8>, KeyError> {
    if text.is_empty() {
        return Err(error("is empty", "HS256 needs a secret"));
    }
    if text.trim_ascii_start().starts_with(b"-----BEGIN ") {
        // Who has the public key could sign.
        return Err(error(
            "is a key in PEM, which HS256 would take for a secret",
            "name the algorithm of the key: RS256 or ES256",
        ));
    }
    Ok(text.to_vec())
}

/// The first block of a PEM text (RFC 7468).
struct Pem {
    label: String,
    bytes: Vec<u8>,
}

impl Pem {
    fn of(text: &[u8], alg: SigningAlg) -> Result<Pem, KeyError> {
        let none = || {
            error(
                &format!("is no file and holds no PEM, which {} needs", alg.as_str()),
                "for a shared secret name the algorithm HS256",
            )
        };
        let text = std::str::from_utf8(text).map_err(|_| none())?;
        let (_, text) = text.split_once("-----BEGIN ").ok_or_else(none)?;
        let (label, text) = text.split_once("-----").ok_or_else(none)?;
        let (body, _) = text.split_once(&format!("-----END {label}-----")).ok_or_else(none)?;
        let body: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(body).map_err(|_| none())?;
        let label = label.to_owned();
        match label.as_str() {
            "CERTIFICATE" => Err(error(
                "is a certificate",
                "take its key out: `openssl x509 -pubkey -noout -in FILE`",
            )),
            other if other.ends_with("PRIVATE KEY") => Err(error(
                "is a private key, which only signing needs",
                "take the public key out: `openssl pkey -pubout -in FILE`",
            )),
            _ => Ok(Pem { label, bytes }),
        }
    }
}

/// `rsaEncryption` with its NULL (RFC 3279, 2.3.1).
const RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// `id-ecPublicKey` with the curve P-256 (RFC 5480, 2.1.1).
const P256: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
];
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

fn rsa(pem: &Pem) -> Result<Vec<u8>, KeyError> {
    let key = match pem.label.as_str() {
        "RSA PUBLIC KEY" => Some(pem.bytes.as_slice()),
        "PUBLIC KEY" => public_key(&pem.bytes, RSA),
        _ => None,
    };
    let bits = key.and_then(modulus_bits);
    match (key, bits) {
        (Some(key), Some(2048..=8192)) => Ok(key.to_vec()),
        (Some(_), Some(bits)) => Err(error(
            &format!("is an RSA key of {bits} bits"),
            "2048 to 8192 bits are taken",
        )),
        _ => Err(error(
            "is no RSA public key",
            "RS256 needs one; ES256 and HS256 need others",
        )),
    }
}

fn point(pem: &Pem) -> Result<Vec<u8>, KeyError> {
    let point = public_key(&pem.bytes, P256).filter(|point| point.len() == 65 && point.first() == Some(&4));
    match point {
        Some(point) if pem.label == "PUBLIC KEY" => Ok(point.to_vec()),
        _ => Err(error(
            "is no uncompressed public key of the curve P-256",
            "ES256 needs one; RS256 and HS256 need others",
        )),
    }
}

/// Returns the key inside of a `SubjectPublicKeyInfo` (RFC 5280, 4.1) of just this algorithm.
fn public_key<'a>(der: &'a [u8], algorithm: &[u8]) -> Option<&'a [u8]> {
    let (info, rest) = element(der, SEQUENCE)?;
    let (found, key) = element(info, SEQUENCE)?;
    let (key, after) = element(key, BIT_STRING)?;
    // The first byte counts the bits left over in the last one.
    let (unused, key) = key.split_first()?;
    (rest.is_empty() && after.is_empty() && found == algorithm && *unused == 0).then_some(key)
}

/// Returns the size of an `RSAPublicKey`.
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let (numbers, rest) = element(key, SEQUENCE)?;
    let (modulus, _) = element(numbers, INTEGER)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - first.leading_zeros() as usize;
    rest.is_empty().then_some(bits)
}

/// Returns the content of a DER element of this type, and what follows it (ITU-T X.690, 8.1).
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => {
            let (length, rest) = rest.split_first()?;
            (usize::from(*length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    (*found == kind).then_some(())?;
    rest.split_at_checked(length)
}

fn error(why: &str, help: &'static str) -> KeyError {
    KeyError {
        why: why.to_owned(),
        help,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmSKHKnLww69ZAkCr+JEOa4mLZwAY\n\
        12lvvBdFNVCUN+rmtm2y75iFpizuxDPEIkHdopubAgJ1MtUN0FRqvvq2Og==\n\
        -----END PUBLIC KEY-----\n";

    fn why(alg: SigningAlg, text: &str) -> String {
        VerificationKey::new(alg, text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_key_is_for_one_algorithm() {
        VerificationKey::new(SigningAlg::Es256, EC.as_bytes()).unwrap();
        assert!(why(SigningAlg::Rs256, EC).contains("no RSA public key"));
        assert!(why(SigningAlg::Hs256, EC).contains("take for a secret"));
        assert!(why(SigningAlg::Hs256, "").contains("is empty"));
        let private = EC.replace("PUBLIC", "PRIVATE");
        assert!(why(SigningAlg::Es256, &private).contains("private key"));
    }

    #[test]
    fn no_message_repeats_the_key() {
        for alg in [SigningAlg::Rs256, SigningAlg::Es256] {
            let message = why(alg, "hunter2-hunter2");
            assert!(!message.contains("hunter2") && message.contains("HS256"), "{message}");
        }
        let key = VerificationKey::new(SigningAlg::Hs256, b"hunter2").unwrap();
        assert!(!format!("{key:?}").contains("hunter2"));
    }

    #[test]
    fn cut_keys_are_errors() {
        let body: String = EC.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(body).unwrap();
        for length in 0..der.len() {
            assert_eq!(public_key(&der[..length], P256), None, "{length}");
            modulus_bits(&der[..length]);
        }
        assert!(public_key(&der, P256).is_some());
    }
}
