#!/usr/bin/env python3
"""Writes lib/decimal_table.h: powers of ten to 128 significant bits, rounded up.

Run as: python3 lib/decimal_table.py > lib/decimal_table.h
"""

LEAST, GREATEST = -342, 324


def significand(power):
    """ceil(10**power * 2**shift), with the shift that leaves exactly 128 bits."""
    numerator, denominator = (10**power, 1) if power >= 0 else (1, 10**-power)
    shift = 128 - (numerator.bit_length() - denominator.bit_length())
    while True:
        scaled = (numerator << max(shift, 0), denominator << max(-shift, 0))
        floor = scaled[0] // scaled[1]
        if floor >> 128:
            shift -= 1
        elif floor >> 127:
            return -(-scaled[0] // scaled[1])
        else:
            shift += 1


print(f"""\
/* Made by lib/decimal_table.py; do not edit. The 128 leading bits of each power of ten from 10^{LEAST}
 * to 10^{GREATEST}, rounded up: the high half, then the low half. */
#ifndef BC_LIB_DECIMAL_TABLE_H
#define BC_LIB_DECIMAL_TABLE_H

#include <stdint.h>

enum {{
    POWER_LEAST = {LEAST},
    POWER_GREATEST = {GREATEST},
}};

/* clang-format off */
static const uint64_t POWERS_OF_TEN[{GREATEST - LEAST + 1}][2] = {{""")
for power in range(LEAST, GREATEST + 1):
    value = significand(power)
    print(f"    {{UINT64_C(0x{value >> 64:016x}), UINT64_C(0x{value & (1 << 64) - 1:016x})}},")
print("""\
};
/* clang-format on */

#endif""")
