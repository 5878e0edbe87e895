#include <bc/bc.h>

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

uint32_t bc_version_number(void)
{
    return BC_VERSION_MAJOR * 1000000u + BC_VERSION_MINOR * 1000u + BC_VERSION_PATCH;
}

const char *bc_version_string(void)
{
    return TEXT(BC_VERSION_MAJOR) "." TEXT(BC_VERSION_MINOR) "." TEXT(BC_VERSION_PATCH);
}
