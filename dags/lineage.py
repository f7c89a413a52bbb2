"""What the steps read and wrote, told to OpenLineage: nothing happens here unless its transport is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage
from openlineage.client.event_v2 import Dataset, InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_version_dataset,
    input_statistics_input_dataset,
    output_statistics_output_dataset,
    schema_dataset,
)

from dags.steps import told
from schemas.city import city_of_environment

if TYPE_CHECKING:
    from flow.lineage import Touched


class StepExtractor(BaseExtractor):
    """Datasets of a task that ran a step of the path; a task that touched none has none."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["_PythonDecoratedOperator", "_BranchPythonDecoratedOperator"]

    def _execute_extraction(self) -> OperatorLineage[Dataset, Any]:
        return OperatorLineage()

    def extract_on_complete(self, task_instance: Any) -> OperatorLineage[Dataset, Any]:
        lineage = told()
        if lineage is None:
            return OperatorLineage()
        return OperatorLineage(inputs=[_input(each) for each in lineage.inputs], outputs=[_output(each) for each in lineage.outputs])

    def extract_on_failure(self, task_instance: Any) -> OperatorLineage[Dataset, Any]:
        return OperatorLineage()


def namespace() -> str:
    """Where the datasets of this city are named."""
    return f"datapool://{city_of_environment().code}"


def _input(touched: Touched) -> InputDataset:
    statistics = input_statistics_input_dataset.InputStatisticsInputDatasetFacet
    counted = {} if touched.rows is None else {"inputStatistics": statistics(rowCount=touched.rows)}
    return InputDataset(namespace=namespace(), name=touched.name, facets=_facets(touched), inputFacets=counted)


def _output(touched: Touched) -> OutputDataset:
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    counted = {} if touched.rows is None else {"outputStatistics": statistics(rowCount=touched.rows)}
    return OutputDataset(namespace=namespace(), name=touched.name, facets=_facets(touched), outputFacets=counted)


def _facets(touched: Touched) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if touched.version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(touched.version)
    if touched.contract is not None:
        fields = [
            schema_dataset.SchemaDatasetFacetFields(column.name, column.logical_type, column.label)
            for column in touched.contract.columns
            if not column.ignored
        ]
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields)
    if touched.origins:
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
            {
                column: column_lineage_dataset.Fields([column_lineage_dataset.InputField(namespace(), *each) for each in origins])
                for column, origins in touched.origins.items()
            }
        )
    return facets
