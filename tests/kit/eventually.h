// Waits for a condition with a generous deadline, so that a test says what must become true and not when.
#pragma once

#include <chrono>
#include <functional>

namespace tollgate::kit {

// Whether `condition` held within the deadline. Looks every few milliseconds.
bool Eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = std::chrono::seconds(60));

}  // namespace tollgate::kit
