#include "pages/data/data_table_accessible.h"

#include <QAccessibleWidget>

#include "pages/data/data_table.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// A file has too many rows to be children: the current one is the table's value, and every move announces it.
class DataTableAccessible : public QAccessibleWidget {
 public:
  explicit DataTableAccessible(DataTable* table) : QAccessibleWidget(table, QAccessible::Table) {}

  QString text(QAccessible::Text kind) const override {
    const DataTable& table = *static_cast<DataTable*>(widget());
    if (kind == QAccessible::Value) return table.currentRow() < 0 ? QString() : table.describeRow(table.currentRow());
    if (kind == QAccessible::Description)
      return DataTable::tr("%1 rows, %2 columns. Enter opens the token microscope, Alt and Down a column's role.")
          .arg(countText(table.rowCount()))
          .arg(table.columns().size());
    return QAccessibleWidget::text(kind);
  }
};

QAccessibleInterface* make(const QString&, QObject* object) {
  auto* table = qobject_cast<DataTable*>(object);
  return table ? new DataTableAccessible(table) : nullptr;
}
}  // namespace

void installDataTableAccessibility() {
  static const bool installed = [] {
    QAccessible::installFactory(make);
    return true;
  }();
  Q_UNUSED(installed);
}

}  // namespace luthier
