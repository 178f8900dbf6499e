#include "weights/pickle.h"

#include <bit>
#include <cstring>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::size_t kArgumentLimit = 16;  // of a call, of a persistent id
constexpr std::size_t kNameLimit = 200;

// The opcodes by the names that Python's pickletools has for them.
enum Opcode : std::uint8_t {
  MARK = '(',
  STOP = '.',
  POP = '0',
  POP_MARK = '1',
  DUP = '2',
  BINBYTES = 'B',
  SHORT_BINBYTES = 'C',
  BINFLOAT = 'G',
  BININT = 'J',
  BININT1 = 'K',
  BININT2 = 'M',
  NONE = 'N',
  BINPERSID = 'Q',
  REDUCE = 'R',
  BINSTRING = 'T',
  SHORT_BINSTRING = 'U',
  BINUNICODE = 'X',
  EMPTY_LIST = ']',
  APPEND = 'a',
  BUILD = 'b',
  GLOBAL = 'c',
  DICT = 'd',
  APPENDS = 'e',
  BINGET = 'h',
  INST = 'i',
  LONG_BINGET = 'j',
  LIST = 'l',
  OBJ = 'o',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  SETITEM = 's',
  TUPLE = 't',
  SETITEMS = 'u',
  EMPTY_DICT = '}',
  EMPTY_TUPLE = ')',
  PROTO = 0x80,
  NEWOBJ = 0x81,
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  LONG1 = 0x8a,
  LONG4 = 0x8b,
  SHORT_BINUNICODE = 0x8c,
  BINUNICODE8 = 0x8d,
  BINBYTES8 = 0x8e,
  EMPTY_SET = 0x8f,
  ADDITEMS = 0x90,
  FROZENSET = 0x91,
  NEWOBJ_EX = 0x92,
  STACK_GLOBAL = 0x93,
  MEMOIZE = 0x94,
  FRAME = 0x95,
  BYTEARRAY8 = 0x96
};

/// A name out of a file, fit for a message.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, kNameLimit));
  for (char& letter : text)
    if (static_cast<unsigned char>(letter) < 0x20 || static_cast<unsigned char>(letter) > 0x7e) letter = '?';
  return text + (name.size() > kNameLimit ? "..." : "");
}

}  // namespace

PickleReader::PickleReader(std::span<const std::byte> bytes, std::string where)
    : bytes_(bytes), where_(std::move(where)) {}

PickleId PickleReader::read() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  while (true) {
    const auto opcode = static_cast<std::uint8_t>(number(1));
    if (opcode == STOP) break;
    step(opcode);
  }
  const PickleId result = pop();
  if (!stack_.empty() || !marks_.empty()) damaged("values are left over");
  return result;
}

void PickleReader::step(std::uint8_t opcode) {
  switch (opcode) {
    case PROTO: {
      const std::uint64_t protocol = number(1);
      if (protocol > 5) damaged("it is of protocol " + std::to_string(protocol) + "; 2 to 5 can be read");
      return;
    }
    case FRAME:
      if (number(8) > bytes_.size() - position_) damaged("it is cut off");
      return;
    case MARK:
      if (marks_.size() == kStackLimit) damaged("it nests too deeply");
      marks_.push_back(stack_.size());
      return;
    case POP:
      if (!marks_.empty() && marks_.back() == stack_.size())
        marks_.pop_back();
      else
        pop();
      return;
    case POP_MARK:
      pop_to_mark();
      return;
    case DUP:
      push(top());
      return;
  }
  if (push_number(opcode) || push_text(opcode) || push_container(opcode) || fill_container(opcode) ||
      use_memo(opcode) || use_object(opcode))
    return;
  damaged("byte " + std::to_string(position_ - 1) + " holds the unknown operation " + std::to_string(opcode));
}

bool PickleReader::push_number(std::uint8_t opcode) {
  switch (opcode) {
    case NONE:
      push({PickleKind::none});
      return true;
    case NEWTRUE:
    case NEWFALSE:
      push({PickleKind::boolean, opcode == NEWTRUE});
      return true;
    case BININT:
      push({PickleKind::integer, static_cast<std::int32_t>(number(4))});
      return true;
    case BININT1:
      push({PickleKind::integer, static_cast<std::int64_t>(number(1))});
      return true;
    case BININT2:
      push({PickleKind::integer, static_cast<std::int64_t>(number(2))});
      return true;
    case LONG1:
      push_integer(number(1));
      return true;
    case LONG4:
      push_integer(number(4));
      return true;
    case BINFLOAT: {
      std::uint64_t bits = 0;  // the highest byte first
      for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
      push({PickleKind::real, 0, std::bit_cast<double>(bits)});
      return true;
    }
  }
  return false;
}

void PickleReader::push_integer(std::uint64_t size) {
  const std::string_view digits = take(size);
  if (size > 8) return push({PickleKind::big_integer, 0, 0, digits});
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
  if (size > 0 && size < 8 && digits.back() & 0x80) value |= ~std::uint64_t{0} << (8 * size);
  push({PickleKind::integer, static_cast<std::int64_t>(value)});
}

bool PickleReader::push_text(std::uint8_t opcode) {
  const auto sized = [&](PickleKind kind, std::size_t bytes_of_length) {
    const std::uint64_t length = number(bytes_of_length);
    push({kind, 0, 0, take(length)});
    return true;
  };
  switch (opcode) {
    case SHORT_BINUNICODE:
    case SHORT_BINSTRING:  // what Python 2 wrote
      return sized(PickleKind::text, 1);
    case BINUNICODE:
    case BINSTRING:
      return sized(PickleKind::text, 4);
    case BINUNICODE8:
      return sized(PickleKind::text, 8);
    case SHORT_BINBYTES:
      return sized(PickleKind::bytes, 1);
    case BINBYTES:
      return sized(PickleKind::bytes, 4);
    case BINBYTES8:
    case BYTEARRAY8:
      return sized(PickleKind::bytes, 8);
  }
  return false;
}

bool PickleReader::push_container(std::uint8_t opcode) {
  const auto with = [&](PickleKind kind, std::vector<PickleId> items) {
    push({kind, 0, 0, {}, std::move(items)});
    return true;
  };
  const auto from_stack = [&](std::size_t count) {
    std::vector<PickleId> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return with(PickleKind::tuple, std::move(items));
  };
  switch (opcode) {
    case EMPTY_TUPLE:
      return with(PickleKind::tuple, {});
    case TUPLE1:
      return from_stack(1);
    case TUPLE2:
      return from_stack(2);
    case TUPLE3:
      return from_stack(3);
    case TUPLE:
      return with(PickleKind::tuple, pop_to_mark());
    case EMPTY_LIST:
      return with(PickleKind::list, {});
    case LIST:
      return with(PickleKind::list, pop_to_mark());
    case EMPTY_DICT:
      return with(PickleKind::dict, {});
    case DICT: {
      std::vector<PickleId> items = pop_to_mark();
      if (items.size() % 2 != 0) damaged("a key has no value");
      return with(PickleKind::dict, std::move(items));
    }
    case EMPTY_SET:
      return with(PickleKind::set, {});
    case FROZENSET:
      return with(PickleKind::set, pop_to_mark());
  }
  return false;
}

bool PickleReader::fill_container(std::uint8_t opcode) {
  switch (opcode) {
    case APPEND:
      append(PickleKind::list, {pop()});
      return true;
    case APPENDS:
      append(PickleKind::list, pop_to_mark());
      return true;
    case ADDITEMS:
      append(PickleKind::set, pop_to_mark());
      return true;
    case SETITEM: {
      const PickleId value = pop(), key = pop();
      append(PickleKind::dict, {key, value});
      return true;
    }
    case SETITEMS: {
      const std::vector<PickleId> items = pop_to_mark();
      if (items.size() % 2 != 0) damaged("a key has no value");
      append(PickleKind::dict, items);
      return true;
    }
  }
  return false;
}

bool PickleReader::use_memo(std::uint8_t opcode) {
  const auto get = [&](std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) damaged("it refers to a value that it does not hold");
    push(found->second);
    return true;
  };
  const auto put = [&](std::uint64_t index) {
    if (memo_.size() == kNodeLimit) damaged("it holds too many values");
    memo_[index] = top();
    return true;
  };
  switch (opcode) {
    case BINGET:
      return get(number(1));
    case LONG_BINGET:
      return get(number(4));
    case BINPUT:
      return put(number(1));
    case LONG_BINPUT:
      return put(number(4));
    case MEMOIZE:
      return put(memo_.size());
  }
  return false;
}

bool PickleReader::use_object(std::uint8_t opcode) {
  switch (opcode) {
    case GLOBAL: {
      const std::string_view module = line(), name = line();
      push_global(module, name);
      return true;
    }
    case STACK_GLOBAL: {
      const PickleId name = pop(), module = pop();
      if (nodes_[name].kind != PickleKind::text || nodes_[module].kind != PickleKind::text)
        damaged("a global's name is no text");
      push_global(nodes_[module].text, nodes_[name].text);
      return true;
    }
    case INST: {
      const std::string_view module = line(), name = line();
      push_global(module, name);
      damaged("it makes objects in the way of protocol 0");
    }
    case OBJ:
      damaged("it makes objects in the way of protocol 1");
    case REDUCE:
    case NEWOBJ: {
      const PickleId arguments = pop();
      const PickleId function = pop();
      reduce(function, arguments);
      return true;
    }
    case NEWOBJ_EX: {
      const PickleId named = pop(), arguments = pop();
      if (!nodes_[named].items.empty()) damaged("a call has named arguments");
      const PickleId function = pop();
      reduce(function, arguments);
      return true;
    }
    case BUILD: {
      // The attributes of a container (state_dict's _metadata) and of what nobody needs.
      pop();
      const PickleKind kind = nodes_[top()].kind;
      if (kind != PickleKind::dict && kind != PickleKind::other && kind != PickleKind::tensor)
        damaged("it sets attributes of something that has none");
      return true;
    }
    case BINPERSID: {
      const PickleId id = pop();
      if (nodes_[id].items.size() > kArgumentLimit) damaged("a persistent id is too long");
      push(persistent(PickleNode(nodes_[id])));  // a copy: the arena may move
      return true;
    }
  }
  return false;
}

void PickleReader::push_global(std::string_view module, std::string_view name) {
  std::string full = std::string(module) + "." + std::string(name);
  if (!is_allowed(full))
    fail(ErrorKind::unsupported,
         "the file wants to run " + shown(full) + ": a pickle may hold tensors, containers and numbers only", where_,
         "nothing of it was run; get the model's .safetensors version, or save its state_dict alone");
  names_.push_back(std::move(full));
  push({PickleKind::global, 0, 0, names_.back()});
}

void PickleReader::reduce(PickleId function, PickleId arguments) {
  if (nodes_[function].kind != PickleKind::global) damaged("it calls something that is no function");
  if (nodes_[arguments].kind != PickleKind::tuple) damaged("a call's arguments are no tuple");
  if (nodes_[arguments].items.size() > kArgumentLimit) damaged("a call has too many arguments");
  push(call(nodes_[function].text, PickleNode(nodes_[arguments])));  // a copy: the arena may move
}

void PickleReader::append(PickleKind kind, const std::vector<PickleId>& items) {
  PickleNode& container = nodes_[top()];
  if (container.kind == PickleKind::other) return;
  if (container.kind != kind) damaged("it adds to something that is no container of this kind");
  count(items.size());
  container.items.insert(container.items.end(), items.begin(), items.end());
}

}  // namespace luthier
