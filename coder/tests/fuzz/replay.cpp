// Runs a fuzz target over files and all files in folders, where there is no libFuzzer.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

namespace {

std::size_t run(const std::filesystem::path& path) {
    if (std::filesystem::is_directory(path)) {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(path)) count += run(entry.path());
        return count;
    }
    std::ifstream file(path, std::ios::binary);
    CHECK(file);
    const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
    // In memory of exactly its size, so that a byte read beyond it is seen.
    const std::vector<std::uint8_t> data(content.begin(), content.end());
    std::fprintf(stderr, "%s\n", path.string().c_str());
    LLVMFuzzerTestOneInput(data.data(), data.size());
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t files = 0;
    for (int i = 1; i < count; ++i) files += run(arguments[i]);
    CHECK(files > 0);
    std::printf("All tests passed. (%zu inputs)\n", files);
    return 0;
}
