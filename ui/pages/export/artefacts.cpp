#include "pages/export/artefacts.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QPainter>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "forms/catalog_text.h"
#include "recipe/catalog.h"
#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kMostFiles = 2000;  // an export has a dozen

double bytesBelow(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return double(fs::file_size(path, error));
  double bytes = 0;
  int seen = 0;
  for (auto entry = fs::recursive_directory_iterator(path, error);
       !error && entry != fs::recursive_directory_iterator() && ++seen < kMostFiles; entry.increment(error)) {
    if (entry->path().filename() == "proof") entry.disable_recursion_pending();
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable)) bytes += double(entry->file_size(unreadable));
  }
  return bytes;
}

Json proofOf(const fs::path& folder, const std::string& stored) {
  try {
    const fs::path file = folder / "proof.json";
    if (fs::exists(file)) return read_json(file);
    if (!stored.empty()) return parse_json(stored, "proof");
  } catch (const std::exception&) {
    // A damaged certificate is none: "Check again" writes it anew.
  }
  return {};
}
}  // namespace

bool Artefact::checked() const { return proof.is_object() && proof.contains("passed"); }

bool Artefact::passed() const { return checked() && proof["passed"].is_boolean() && proof["passed"].get<bool>(); }

StateKind Artefact::state() const {
  if (!there) return StateKind::warning;
  return !checked() ? StateKind::note : passed() ? StateKind::done : StateKind::error;
}

QString Artefact::stateText() const {
  if (!there) return QObject::tr("no longer there");
  return !checked() ? QObject::tr("not checked") : passed() ? QObject::tr("passed") : QObject::tr("differs");
}

std::vector<Artefact> readArtefacts(const Store& store, const std::string& run) {
  std::vector<Artefact> artefacts;
  for (const ArtefactRow& row : store.artefacts(run)) {
    Artefact one;
    one.id = row.id;
    one.kind = QString::fromStdString(row.kind);
    one.path = QString::fromStdString(row.path);
    one.created = row.created;
    std::error_code error;
    one.there = fs::exists(row.path, error);
    one.proof = proofOf(row.path, row.proof_json);
    const bool sized = one.checked() && one.proof.contains("size_bytes") && one.proof["size_bytes"].is_number();
    one.bytes = sized ? one.proof["size_bytes"].get<double>() : one.there ? bytesBelow(row.path) : 0;
    artefacts.push_back(std::move(one));
  }
  std::reverse(artefacts.begin(), artefacts.end());
  return artefacts;
}

QString formatLabel(const QString& kind) {
  for (const ExporterEntry& entry : exporters())
    if (entry.kind == kind.toStdString()) return catalogText(entry.label);
  return kind;
}

bool hasCheckpoint(const fs::path& runFolder) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(runFolder / "checkpoints", error);
       !error && entry != fs::directory_iterator(); entry.increment(error))
    if (fs::exists(entry->path() / "state.json", error)) return true;
  return false;
}

void ArtefactModel::setArtefacts(std::vector<Artefact> artefacts) {
  const bool same = artefacts.size() == artefacts_.size() &&
                    std::equal(artefacts.begin(), artefacts.end(), artefacts_.begin(),
                               [](const Artefact& a, const Artefact& b) { return a.id == b.id && a.path == b.path; });
  if (!same) beginResetModel();
  artefacts_ = std::move(artefacts);
  if (!same)
    endResetModel();
  else if (!artefacts_.empty())
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

int ArtefactModel::rowOf(const QString& path) const {
  for (std::size_t i = 0; i < artefacts_.size(); ++i)
    if (artefacts_[i].path == path) return int(i);
  return -1;
}

int ArtefactModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(artefacts_.size()); }

int ArtefactModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(columns); }

QVariant ArtefactModel::data(const QModelIndex& at, int role) const {
  if (!at.isValid() || at.row() >= rowCount()) return {};
  const Artefact& one = artefacts_[std::size_t(at.row())];
  if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) {
    switch (at.column()) {
      case file:
        return QFileInfo(one.path).fileName();
      case format:
        return formatLabel(one.kind);
      case size:
        return one.bytes > 0 ? bytesText(one.bytes) : QString("–");
      case when:
        return clockText(one.created);
      case certificate:
        return one.stateText();
    }
  }
  if (role == Qt::ToolTipRole) return QDir::toNativeSeparators(one.path);
  if (role == Qt::TextAlignmentRole && at.column() == size) return int(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::FontRole && at.column() == size) return font(TextStyle::mono);
  if (role == Qt::UserRole && at.column() == certificate) return int(one.state());
  return {};
}

QVariant ArtefactModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return int((section == size ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case file:
      return tr("File");
    case format:
      return tr("Format");
    case size:
      return tr("Size");
    case when:
      return tr("When");
    case certificate:
      return tr("Certificate");
  }
  return {};
}

void StateDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem item = option;
  initStyleOption(&item, index);
  const QString text = item.text;
  item.text.clear();
  QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);
  const QRect inside = option.rect.adjusted(11, 0, -4, -1);
  paintState(*painter, QRectF(inside.left(), inside.center().y() - 7.5, 16, 16),
             StateKind(index.data(Qt::UserRole).toInt()));
  painter->setPen(tokens().textPrimary);
  painter->setFont(option.font);
  painter->drawText(inside.adjusted(22, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text);
}

}  // namespace luthier
