#include "host/Application.h"

#include <iostream>

int main(int argc, char** argv) {
  return gatehouse::host::run({argv + (argc > 0 ? 1 : 0), argv + argc}, {std::cout, std::cerr});
}
