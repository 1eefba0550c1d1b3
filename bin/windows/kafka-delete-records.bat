@echo off
rem Deletes the records of partitions before given offsets.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-delete-records.js" %*
exit /b %errorlevel%
