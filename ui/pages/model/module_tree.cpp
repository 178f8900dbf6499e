#include "pages/model/module_tree.h"

#include <algorithm>

#include "base/error.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr std::size_t kFoldFrom = 2;  // equal blocks after the first one that are worth one row

bool isNumber(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool same(const ModuleOutline& a, const ModuleOutline& b) {
  return a.parameters == b.parameters &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const ModuleOutline& x, const ModuleOutline& y) { return x.name == y.name && same(x, y); });
}

/// How many blocks from `first` on are numbered and all alike.
std::size_t equalBlocks(const std::vector<ModuleOutline>& modules, std::size_t first) {
  std::size_t end = first;
  while (end < modules.size() && isNumber(modules[end].name) && same(modules[first], modules[end])) ++end;
  return end - first;
}
}  // namespace

struct ModuleTree::Node {
  const Node* parent = nullptr;
  int row = 0;
  QString name, path;
  std::int64_t parameters = 0;
  const ModuleOutline* module = nullptr;                  ///< null: several blocks in one row
  const ModuleOutline *first = nullptr, *last = nullptr;  ///< these blocks
  mutable bool built = false;
  mutable std::vector<std::unique_ptr<Node>> children;

  bool folded() const { return first != nullptr; }
};

ModuleTree::ModuleTree(QObject* parent) : QAbstractItemModel(parent), root_(std::make_unique<Node>()) {}
ModuleTree::~ModuleTree() = default;

void ModuleTree::setModel(std::shared_ptr<const ModelOutline> model, const MethodOptions& method) {
  beginResetModel();
  model_ = std::move(model);
  root_ = std::make_unique<Node>();
  shapes_.clear();
  ties_.clear();
  if (model_) {
    root_->module = &model_->tree;
    root_->parameters = model_->total_parameters;
    for (const ParameterOutline& parameter : model_->parameters) {
      const QString module = QString::fromStdString(parameter.module());
      if (!parameter.tied_to.empty()) {
        const std::string& other = parameter.tied_to;
        ties_[QString::fromStdString(other.substr(0, other.rfind('.')))] = module;
        continue;
      }
      if (shapes_.contains(module)) continue;  // the weight comes before the bias
      QStringList sizes;
      for (const std::int64_t size : parameter.shape) sizes << QString::number(size);
      shapes_[module] = sizes.join(", ");
    }
  }
  findTargets(method);
  endResetModel();
}

void ModuleTree::findTargets(const MethodOptions& method) {
  targets_.clear();
  const auto* lora = lora_of(method);
  if (!lora || !model_) return;
  try {
    for (const std::string& layer : lora_layers(*model_, *lora)) targets_.insert(QString::fromStdString(layer));
  } catch (const Error&) {
    // A broken pattern is the method page's finding.
  }
}

void ModuleTree::setMethod(const MethodOptions& method) {
  beginResetModel();
  root_->children.clear();
  root_->built = false;
  findTargets(method);
  endResetModel();
}

void ModuleTree::build(const Node& node) const {
  if (node.built) return;
  node.built = true;
  const auto add = [&](const ModuleOutline& module, const QString& under) {
    auto child = std::make_unique<Node>();
    child->parent = &node;
    child->row = int(node.children.size());
    child->name = QString::fromStdString(module.name);
    child->path = under.isEmpty() ? child->name : under + '.' + child->name;
    child->parameters = module.parameters;
    child->module = &module;
    node.children.push_back(std::move(child));
  };
  if (node.folded()) {
    for (const ModuleOutline* module = node.first; module <= node.last; ++module) add(*module, node.path);
    return;
  }
  if (!node.module) return;
  const std::vector<ModuleOutline>& modules = node.module->children;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    add(modules[i], node.path);
    const std::size_t equal = isNumber(modules[i].name) && i == 0 ? equalBlocks(modules, i + 1) : 0;
    if (equal < kFoldFrom) continue;
    auto fold = std::make_unique<Node>();
    fold->parent = &node;
    fold->row = int(node.children.size());
    fold->first = &modules[i + 1];
    fold->last = &modules[i + equal];
    fold->name =
        tr("%1 to %2").arg(QString::fromStdString(fold->first->name), QString::fromStdString(fold->last->name));
    fold->path = node.path;
    fold->parameters = std::int64_t(equal) * fold->first->parameters;
    node.children.push_back(std::move(fold));
    i += equal;
  }
}

const ModuleTree::Node& ModuleTree::nodeOf(const QModelIndex& index) const {
  return index.isValid() ? *static_cast<const Node*>(index.constInternalPointer()) : *root_;
}

QModelIndex ModuleTree::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent)) return {};
  const Node& node = nodeOf(parent);
  return createIndex(row, column, static_cast<const void*>(node.children[std::size_t(row)].get()));
}

QModelIndex ModuleTree::parent(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  const Node* parent = nodeOf(index).parent;
  return !parent || parent == root_.get() ? QModelIndex()
                                          : createIndex(parent->row, 0, static_cast<const void*>(parent));
}

int ModuleTree::rowCount(const QModelIndex& parent) const {
  if (parent.column() > 0) return 0;
  const Node& node = nodeOf(parent);
  build(node);
  return int(node.children.size());
}

bool ModuleTree::hasChildren(const QModelIndex& parent) const {
  if (parent.column() > 0) return false;
  const Node& node = nodeOf(parent);
  return node.folded() || (node.module && !node.module->children.empty());
}

int ModuleTree::columnCount(const QModelIndex&) const { return ColumnCount; }

QString ModuleTree::shapeOf(const Node& node) const {
  if (node.folded()) return tr("identical");
  if (const auto shape = shapes_.constFind(node.path); shape != shapes_.constEnd()) return *shape;
  if (isNumber(node.module->name)) return tr("block");
  const std::vector<ModuleOutline>& children = node.module->children;
  if (!children.empty() && std::all_of(children.begin(), children.end(), [](auto& one) { return isNumber(one.name); }))
    return children.size() == 1 ? tr("1 block") : tr("%1 blocks").arg(children.size());
  return {};
}

QString ModuleTree::noteOf(const Node& node) const {
  if (node.folded()) return {};
  if (targets_.contains(node.path)) return tr("LoRA target");
  const auto tie = ties_.constFind(node.path);
  return tie == ties_.constEnd() ? QString() : tr("tied with %1").arg(*tie);
}

QVariant ModuleTree::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Node& node = nodeOf(index);
  const double share = root_->parameters > 0 ? double(node.parameters) / double(root_->parameters) : 0;
  if (role == PathRole) return node.folded() ? node.path + '.' + node.name : node.path;
  if (role == ShareRole) return share;
  if (role == NoteRole) return index.column() == NameColumn ? noteOf(node) : QString();
  if (role == Qt::TextAlignmentRole && index.column() == ParametersColumn)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole && index.column() == NameColumn) return node.path;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case NameColumn:
      return node.name;
    case ShapeColumn:
      return shapeOf(node);
    case ParametersColumn:
      return countText(node.parameters);
    case ShareColumn:
      return share > 0 && share < 0.001 ? QString("<0.1") : QString::number(100 * share, 'f', 1);
    default:
      return {};
  }
}

QVariant ModuleTree::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant((section == ParametersColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  const QString names[] = {tr("Module"), tr("Shape"), tr("Parameters"), tr("Share, %")};
  return section >= 0 && section < ColumnCount ? names[section] : QVariant();
}

}  // namespace luthier
