@echo off
rem Moves replicas of partitions between brokers.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-reassign-partitions.js" %*
exit /b %errorlevel%
