// Checks ONNX files with the format's own checker, types and shapes inferred in strict mode: a program of its own,
// since libonnx, LibTorch and ONNX Runtime do not get on in one process. Prints a line a file; ends with 1 where one is
// refused.
#include <onnx/checker.h>

#include <exception>
#include <iostream>

int main(int count, char** words) {
  int refused = 0;
  for (int i = 1; i < count; ++i) {
    try {
      onnx::checker::check_model(std::string(words[i]), /*full_check=*/true);
      std::cout << words[i] << ": good\n";
    } catch (const std::exception& error) {
      std::cout << words[i] << ": " << error.what() << "\n";
      refused = 1;
    }
  }
  return refused;
}
