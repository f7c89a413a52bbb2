"""What the codes of faults and notes mean, for the people who read reports and quarantine."""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "required": "必填项为空",
    "length": "位数不对",
    "characters": "含有不允许的字符",
    "province": "前两位不是省级行政区划代码",
    "birth_date": "所含出生日期不存在",
    "birth_in_future": "所含出生日期晚于数据日期",
    "too_old": "年龄超过 130 岁",
    "check_digit": "校验码不符",
    "reserved_sequence": "15 位号码顺序号为 996 至 999，不能自动换算为 18 位，请核对",
    "masked": "号码已被掩码，请提供完整号码",
    "scientific_notation": "号码被表格软件改成科学计数法，请按文本格式重新导出",
    "document_form": "不像任何证件的号码",
    "registration_number_here": "填的是工商注册号，不是统一社会信用代码",
    "form": "格式不符合规定",
    "no_letters": "不含文字，不是名称",
    "not_in_list": "不在代码表内",
    "not_a_flag": "不能识别为是或否",
    "not_a_number": "不是数字",
    "not_whole": "不是整数",
    "below_minimum": "小于允许的最小值",
    "above_maximum": "大于允许的最大值",
    "not_a_date": "不是日期，或日期不存在",
    "out_of_range": "日期早于 1800 年",
    "in_future": "晚于数据日期",
    "phone_form": "不是电话号码",
    "from_15_digits": "15 位旧号换算为 18 位",
    "rewritten": "写法已统一（全角、空格、大小写等）",
    "inner_check_digit": "其中组织机构代码的校验码不符",
    "uncommon_category": "登记管理部门和机构类别代码不在标准表内",
    "old_13_digits": "2007 年前的 13 位注册号，没有校验码",
    "part_unreadable": "同一格内有的号码不能识别",
    "no_area_code": "固定电话缺区号",
    "several": "同一格内有多个号码",
    "sex_against_number": "性别与公民身份号码不一致",
    "birth_against_number": "出生日期与公民身份号码不一致",
    "duplicate_row": "与文件中前面的一行完全相同",
    "duplicate_key": "主键与后面的行重复，以最后一行为准",
}
"""Chinese message of every code."""
