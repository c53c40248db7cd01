// A clock for the limit script that tests can set: a server's own cannot be.
#pragma once

namespace tollgate::store {

// Instead of script/prelude.lua: the time stands under the key `clock`. Records outlive the test: time moves
// in leaps here, but the server's own expiry follows the real clock.
inline constexpr char kTestClock[] =
    "local now = tonumber(redis.call('GET', 'clock') or 0)\nlocal margin_ms = 3600000\n";

}  // namespace tollgate::store
