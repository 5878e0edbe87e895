/* Why each step gives the answer of the rule, whatever libsodium does.
 *
 * libsodium's own verification. Releases to 1.0.22 compute S·B - h·A and compare its encoding with
 * R's bytes: the equation without the cofactor. It implies the one with it (multiply by 8), and that R
 * is on the curve (R's bytes are then those of a computed point). Sources of 2026 decode R, which
 * fails where it is not on the curve, without asking whether it is canonical, and then ask whether
 * S·B - h·A - R has small order; of those, they recognise the orders 1, 2 and 4 but miss 8. Either way
 * a yes is right once our own checks of S, A and R were made. A no may be due to what it misses, so
 * it counts for nothing, and the equation decides.
 *
 * The equation, by parts. The scalar multiplications refuse a scalar of 0, so 0·P is put in by hand.
 * crypto_core_ed25519_sub takes any two points on the curve, also of small or mixed order, and
 * refuses anything else; the addition law of edwards25519 is complete (RFC 8032, section 5.1.4), so
 * it has no further exceptions. Subtracting R last is therefore also the check that R is on the
 * curve. crypto_core_ed25519_is_valid_point could not make it: it refuses every point outside the
 * subgroup of order L, where the rule allows an R of mixed order.
 *
 * Small order. 8P is neutral for exactly eight points P, those whose order divides 8. They have five
 * y between them, and with each of these y both x (or the only one) belong to them. So canonical
 * bytes are one of the eight when, without the sign, they are one of five: no arithmetic is needed.
 *
 * A key. Outside what its bytes show, A must have order L. libsodium's own test of that, which is
 * part of crypto_core_ed25519_is_valid_point and of the multiplication, let points of order 2L pass
 * until late 2025 (CVE-2025-69277: it looked at x of L·A only). We compute (L - 1)·A ourselves and
 * compare with -A, whose canonical encoding is that of A with the other sign, since x is 0 in points
 * of small order only. They are equal just when L·A is neutral. */
#include "src/block/signature_rule.h"

#include <sodium.h>
#include <string.h>

#ifdef SODIUM_LIBRARY_MINIMAL
#error "link a full libsodium: a minimal one lacks crypto_core_ed25519"
#endif
#if defined(SODIUM_LIBRARY_VERSION_MAJOR) &&                                                       \
    SODIUM_LIBRARY_VERSION_MAJOR * 1000 + SODIUM_LIBRARY_VERSION_MINOR < 10002
#error "libsodium 1.0.17 or newer is needed: earlier ones cannot multiply without clamping"
#endif

enum { SIGN_BIT = 0x80 }; /* of byte 31 of a point: the lowest bit of x (RFC 8032, section 5.1.2) */

/* 2^255 - 19, little-endian. */
static const uint8_t field_prime[32] = {
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
};

/* L = 2^252 + 27742317777372353535851937790883648493 (RFC 8032, section 5.1), little-endian. */
static const uint8_t group_order[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
};

/* The point (0, 1). */
static const uint8_t neutral[32] = {1};

/* y of the points of small order. test/vectors/run_ed25519_edge_cases.py computes the eight. */
static const uint8_t small_order_y[][32] = {
    {0}, /* order 4 */
    {1}, /* the neutral element */
    /* p - 1: order 2 */
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    /* order 8, and below it p minus that: order 8 */
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

static void challenge(uint8_t h[32], const uint8_t r[32], const uint8_t key[32],
                      const uint8_t *message, size_t length)
{
    crypto_hash_sha512_state state;
    uint8_t hash[crypto_hash_sha512_BYTES];
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, r, 32);
    (void)crypto_hash_sha512_update(&state, key, 32);
    (void)crypto_hash_sha512_update(&state, message, length);
    (void)crypto_hash_sha512_final(&state, hash);
    crypto_core_ed25519_scalar_reduce(h, hash);
}

const bc__ed25519 bc__ed25519_linked = {
    crypto_sign_verify_detached,
    crypto_scalarmult_ed25519_noclamp,
    challenge,
};

/* Numbers of 32 bytes, little-endian. They are public, so the time may depend on them. */
static bool is_below(const uint8_t number[32], const uint8_t limit[32])
{
    for (size_t at = 32; at-- > 0;) {
        if (number[at] != limit[at]) {
            return number[at] < limit[at];
        }
    }
    return false;
}

/* Whether canonical bytes are those of a point of small order, so that eight times it is neutral.
 * Where x is 0 the sign must not be set; such bytes are small here too, which no caller minds. */
static bool is_small(const uint8_t point[32])
{
    uint8_t y[32];
    memcpy(y, point, sizeof y);
    y[31] &= (uint8_t)~SIGN_BIT;
    for (size_t at = 0; at < sizeof small_order_y / sizeof small_order_y[0]; at++) {
        if (memcmp(y, small_order_y[at], sizeof y) == 0) {
            return true;
        }
    }
    return false;
}

/* What the bytes alone show: canonical, and not of small order. x is 0 for y = 1 and y = -1 only,
 * which are of small order, so that a sign without an x needs no test of its own. */
static bool has_good_form(const uint8_t point[32])
{
    uint8_t y[32];
    memcpy(y, point, sizeof y);
    y[31] &= (uint8_t)~SIGN_BIT;
    return is_below(y, field_prime) && !is_small(point);
}

bool bc__rule_key_check(const bc__ed25519 *ed25519, const uint8_t key[32])
{
    uint8_t order_less_one[32];
    uint8_t product[32];
    uint8_t negative[32];
    if (!has_good_form(key)) {
        return false;
    }
    memcpy(order_less_one, group_order, sizeof order_less_one);
    order_less_one[0] -= 1; /* L is odd */
    memcpy(negative, key, sizeof negative);
    negative[31] ^= SIGN_BIT;
    return ed25519->multiply(product, order_less_one, key) == 0 &&
           memcmp(product, negative, sizeof product) == 0;
}

/* 8(S·B - h·A - R) = 0, and R is on the curve. S is below L, A has order L. */
static bool equation_holds(const bc__ed25519 *ed25519, const uint8_t key[32],
                           const uint8_t *message, size_t length, const uint8_t signature[64])
{
    const uint8_t *r = signature;
    const uint8_t *s = signature + 32;
    uint8_t h[32];
    uint8_t sb[32];
    uint8_t ha[32];
    uint8_t difference[32];
    uint8_t rest[32];
    ed25519->challenge(h, r, key, message, length);
    memcpy(sb, neutral, sizeof sb);
    memcpy(ha, neutral, sizeof ha);
    if ((!sodium_is_zero(s, 32) && crypto_scalarmult_ed25519_base_noclamp(sb, s) != 0) ||
        (!sodium_is_zero(h, sizeof h) && ed25519->multiply(ha, h, key) != 0)) {
        return false;
    }
    return crypto_core_ed25519_sub(difference, sb, ha) == 0 &&
           crypto_core_ed25519_sub(rest, difference, r) == 0 && is_small(rest);
}

bool bc__rule_verify(const bc__ed25519 *ed25519, const uint8_t key[32], bool key_is_checked,
                     const uint8_t *message, size_t length, const uint8_t signature[64])
{
    const uint8_t *r = signature;
    const uint8_t *s = signature + 32;
    if (!is_below(s, group_order) || !has_good_form(r)) {
        return false;
    }
    if (!key_is_checked && !bc__rule_key_check(ed25519, key)) {
        return false;
    }
    return ed25519->verify(signature, message, length, key) == 0 ||
           equation_holds(ed25519, key, message, length, signature);
}
