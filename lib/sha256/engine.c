#include "engine.h"

const bc__sha256_engine *bc__sha256_engine_chosen(void)
{
    return &bc__sha256_portable;
}
