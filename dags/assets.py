"""What the DAGs hand each other: a dataset that has new matched batches, and the release that stands."""

from airflow.sdk import Asset

from schemas.city import city_of_environment
from schemas.contract import Contract, contracts_of

OWNER = "数据池"
PUBLISHER_POOL = "publisher"
RELEASE = Asset(name="release", uri="datapool://pool/release", group="datapool")


def dataset_asset(contract: Contract) -> Asset:
    """The asset of a dataset: it changes when a delivery has been received, checked and matched."""
    return Asset(name=contract.id, uri=f"datapool://{contract.system}/{contract.dataset}", group="datapool")


def dataset_assets() -> list[Asset]:
    """The assets of all datasets."""
    return [dataset_asset(contract) for contract in contracts_of(city_of_environment()).values()]
