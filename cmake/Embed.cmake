# Script of tollgate_embed: writes IN's bytes into OUT as a string_view named SYMBOL. As a byte array, since a
# string literal may not be longer than 64 KiB in ISO C++.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include <string_view>
namespace tollgate::embedded {
namespace {
constexpr unsigned char kBytes[] = {${bytes}};
}
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL}(reinterpret_cast<const char*>(kBytes), sizeof kBytes);
}
")
