#pragma once
// What a run has been exported to: the store's rows with what the disk says about them, and their table.
#include <QAbstractTableModel>
#include <QStyledItemDelegate>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/json.h"
#include "store/store.h"
#include "widgets/states.h"

namespace luthier {

struct Artefact {
  std::int64_t id = 0;
  QString kind, path;
  double created = 0;  ///< seconds since 1970
  double bytes = 0;
  bool there = false;  ///< its folder or file still exists
  Json proof;          ///< of proof.json beside it, else of the store; null when it was never checked

  bool checked() const;
  bool passed() const;
  StateKind state() const;
  QString stateText() const;
};
/// Newest first. Looks at the disk.
std::vector<Artefact> readArtefacts(const Store& store, const std::string& run);
/// The catalog's label: "PEFT adapter".
QString formatLabel(const QString& kind);
/// Whether the run has something that can be exported: a complete checkpoint.
bool hasCheckpoint(const std::filesystem::path& runFolder);

class ArtefactModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { file, format, size, when, certificate, columns };
  using QAbstractTableModel::QAbstractTableModel;
  void setArtefacts(std::vector<Artefact> artefacts);
  const std::vector<Artefact>& artefacts() const { return artefacts_; }
  /// -1 where there is none of this path.
  int rowOf(const QString& path) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<Artefact> artefacts_;
};

/// A state's mark before the text; the state is in Qt::UserRole.
class StateDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace luthier
